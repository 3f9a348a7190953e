/** A worker on jax-js on WebAssembly: the package in the folder that the command line names. */
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Params } from '../support/question.js';
import { now } from './clock.js';
import { fromChannelsFirst, fromFilterFirst, toChannelsFirst, toFilterFirst } from './layout.js';
import { refuse, serve, type Input, type PreparedWork } from './serve.js';

/** The part of the API that the worker calls. Functions consume the arrays that they are given, unless by `ref`. */
interface Jax {
  init(device: 'wasm'): Promise<readonly string[]>;
  defaultDevice(device: 'wasm'): void;
  blockUntilReady(arrays: readonly JaxArray[]): Promise<unknown>;
  vjp(
    forward: (filter: JaxArray) => JaxArray,
    at: readonly [JaxArray],
  ): readonly [y: JaxArray, backward: ((dy: JaxArray) => readonly [JaxArray]) & { dispose(): void }];
  readonly lax: {
    convGeneralDilated(x: JaxArray, filter: JaxArray, strides: number[], padding: number[][]): JaxArray;
  };
  readonly numpy: { array(values: Float32Array): JaxArray };
}

interface JaxArray {
  readonly ref: this;
  readonly shape: readonly number[];
  reshape(shape: readonly number[]): JaxArray;
  dataSync(): Float32Array;
  dispose(): void;
}

async function main(folder: string): Promise<void> {
  const { version } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')) as { version: string };
  // Node 20 has none, and jax-js asks it for WebGPU.
  (globalThis as { navigator?: object }).navigator ??= {};
  const jax = (await import(pathToFileURL(path.join(folder, 'dist/index.js')).href)) as Jax;
  if (!(await jax.init('wasm')).includes('wasm')) throw new Error('jax-js has no wasm here');
  jax.defaultDevice('wasm');
  serve({ 'jax-js': version }, (name, inputs, params) => {
    if (name !== 'conv2d') throw new Error(`there is no work ${name}`);
    return conv2d(jax, inputs, params);
  });
}

/** Plain convolution, with `gradients` also that of the filter. Not compiled: `jit` takes several times as long on wasm. */
async function conv2d(jax: Jax, inputs: Readonly<Record<string, Input>>, params: Params): Promise<PreparedWork> {
  const [x, filter, dy] = [
    toChannelsFirst(inputs['x']!),
    toFilterFirst(inputs['filter']!),
    toChannelsFirst(inputs['dy']!),
  ].map(({ values, shape }) => jax.numpy.array(values).reshape(shape)) as [JaxArray, JaxArray, JaxArray];
  await jax.blockUntilReady([x, filter, dy]);
  const padding = (filter.shape[2]! - 1) / 2;
  const forward = (kernel: JaxArray): JaxArray =>
    jax.lax.convGeneralDilated(
      x.ref,
      kernel,
      [1, 1],
      [
        [padding, padding],
        [padding, padding],
      ],
    );
  const compute = (): JaxArray[] => {
    if (params['gradients'] !== true) return [forward(filter.ref)];
    const [y, backward] = jax.vjp(forward, [filter.ref]);
    const [gradient] = backward(dy.ref);
    backward.dispose();
    return [y, gradient];
  };
  const read = (array: JaxArray): Input => ({ shape: array.shape, values: array.ref.dataSync() });
  const [y, gradient] = compute();
  const results = [fromChannelsFirst(read(y!)), ...(gradient ? [fromFilterFirst(read(gradient))] : [])];
  dispose([y, gradient]);
  return {
    results: results.map((result, index) => ({ name: `r${index}`, ...result })),
    run: async () => {
      const start = now();
      const arrays = compute();
      await jax.blockUntilReady(arrays);
      const elapsed = now() - start;
      dispose(arrays);
      return elapsed;
    },
    release: () => {
      dispose([x, filter, dy]);
    },
  };
}

function dispose(arrays: readonly (JaxArray | undefined)[]): void {
  for (const array of arrays) array?.dispose();
}

main(process.argv[2]!).catch(refuse);
