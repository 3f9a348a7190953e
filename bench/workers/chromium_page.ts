/** The page of chromium.ts: prepares and runs works on wasm. */
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import '../../src/index.js';
import type { Params } from '../support/question.js';
import { networks } from './networks.js';

interface Request {
  readonly work: string;
  readonly params: Params;
  /** Shapes of the inputs, whose values are files beside the page. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
}

interface Result {
  readonly values: readonly number[];
  readonly shape: readonly number[];
}

interface Work {
  readonly results: readonly Result[];
  readonly run: () => unknown;
  readonly release: () => void;
}

const works = new Map<number, Work>();
let lastId = 0;

export async function prepare(request: Request): Promise<{ id: number; results: readonly Result[] }> {
  const work = await (request.work === 'litert.inference' ? liteRt(request) : onWasm(request));
  works.set(++lastId, work);
  return { id: lastId, results: work.results };
}

/** Runs once and returns milliseconds. */
export async function run(id: number): Promise<number> {
  const work = works.get(id)!;
  const start = performance.now();
  await work.run();
  return performance.now() - start;
}

export function release(id: number): void {
  works.get(id)!.release();
  works.delete(id);
}

async function valuesOf(name: string): Promise<Float32Array> {
  return new Float32Array(await (await fetch(`/files/${name}`)).arrayBuffer());
}

/** The works of networks.ts, on one thread. */
async function onWasm({ work, params, shapes }: Request): Promise<Work> {
  const make = networks[work];
  if (make === undefined) throw new Error(`there is no work ${work}`);
  tf.env().set('PROD', true);
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  setWasmPaths('/');
  if (!(await tf.setBackend('wasm'))) throw new Error('the backend wasm did not start');
  const inputs: Record<string, tf.Tensor> = {};
  for (const [name, shape] of Object.entries(shapes)) inputs[name] = tf.tensor(await valuesOf(name), [...shape]);
  const made = await make(inputs, params);
  const results = (made.check ?? made.run)();
  const read = results.map((result) => ({ values: [...result.dataSync()], shape: result.shape }));
  tf.dispose(results);
  return {
    results: read,
    run: () => {
      tf.dispose(made.run());
    },
    release: () => {
      made.release?.();
      tf.dispose(inputs);
    },
  };
}

/** The part of LiteRT.js that the page calls. */
interface LiteRt {
  loadLiteRt(folder: string): Promise<unknown>;
  loadAndCompile(model: string, options: { readonly accelerator: 'wasm' }): Promise<LiteRtModel>;
  readonly Tensor: new (values: Float32Array, shape: readonly number[]) => LiteRtTensor;
}

interface LiteRtModel {
  run(input: LiteRtTensor): Promise<readonly LiteRtTensor[]>;
  delete(): void;
}

interface LiteRtTensor {
  toTypedArray(): Float32Array;
  delete(): void;
}

/** Loaded once: its module keeps one runtime for the page. */
let loaded: Promise<LiteRt> | undefined;

async function loadLiteRt(): Promise<LiteRt> {
  // A variable, so that the bundler leaves the file to the page.
  const address = '/litert/index.js';
  const litert = (await import(address)) as LiteRt;
  await litert.loadLiteRt('/litert/wasm/');
  return litert;
}

/** From an array of pixels to an array of probabilities, on one thread. */
async function liteRt({ shapes }: Request): Promise<Work> {
  loaded ??= loadLiteRt();
  const litert = await loaded;
  const model = await litert.loadAndCompile('/files/model.tflite', { accelerator: 'wasm' });
  const pixels = await valuesOf('x');
  const infer = async (): Promise<Float32Array> => {
    const x = new litert.Tensor(pixels, shapes['x']!);
    const [y] = await model.run(x);
    const values = y!.toTypedArray().slice();
    y!.delete();
    x.delete();
    return values;
  };
  const values = await infer();
  return {
    results: [{ values: [...values], shape: [1, values.length] }],
    run: infer,
    release: () => {
      model.delete();
    },
  };
}
