/** A worker on ONNX Runtime, native or on WebAssembly: the package in the folder that the command line names. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { deformConvModel } from '../support/onnx_model.js';
import { now } from './clock.js';
import { refuse, serve, type Input, type PreparedWork } from './serve.js';
import { fromChannelsFirst, toChannelsFirst, toFilterFirst } from './layout.js';

/** What is used of the API that both packages share. */
interface Runtime {
  readonly env: { readonly wasm: { numThreads?: number }; readonly versions: Readonly<Record<string, string>> };
  readonly Tensor: new (type: 'float32', values: Float32Array, shape: readonly number[]) => RuntimeTensor;
  readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<Session> };
}

interface RuntimeTensor {
  readonly data: Float32Array;
}

interface Session {
  run(feeds: Readonly<Record<string, RuntimeTensor>>): Promise<Readonly<Record<string, RuntimeTensor>>>;
  release(): Promise<void>;
}

const threads = Number(process.env['BENCH_THREADS'] ?? '1');

function main(folder: string): void {
  // As on the web: from a folder that is no dependency of this package.
  const load = createRequire(__filename);
  const runtime = load(folder) as Runtime;
  const { version } = load(path.join(folder, 'package.json')) as { version: string };
  runtime.env.wasm.numThreads = threads;
  serve({ [path.basename(folder)]: version }, (_, inputs) => deformConv2d(runtime, inputs));
}

async function deformConv2d(runtime: Runtime, inputs: Readonly<Record<string, Input>>): Promise<PreparedWork> {
  const arranged = {
    x: toChannelsFirst(inputs['x']!),
    filter: toFilterFirst(inputs['filter']!),
    offset: toChannelsFirst(inputs['offset']!),
    mask: toChannelsFirst(inputs['mask']!),
  };
  const [batch, , height, width] = arranged.x.shape as [number, number, number, number];
  const shapes = Object.fromEntries(Object.entries(arranged).map(([name, { shape }]) => [name, shape]));
  const outShape = [batch, arranged.filter.shape[0]!, height, width];
  const model = deformConvModel(shapes as Parameters<typeof deformConvModel>[0], outShape);
  const session = await runtime.InferenceSession.create(model, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionProviders: [runtime.env.versions['web'] === undefined ? 'cpu' : 'wasm'],
  });
  const feeds = Object.fromEntries(
    Object.entries(arranged).map(([name, { values, shape }]) => [name, new runtime.Tensor('float32', values, shape)]),
  );
  const { y } = await session.run(feeds);
  return {
    results: [{ name: 'r0', ...fromChannelsFirst({ values: y!.data, shape: outShape }) }],
    run: async () => {
      const start = now();
      await session.run(feeds);
      return now() - start;
    },
    release: () => void session.release(),
  };
}

try {
  main(process.argv[2]!);
} catch (error) {
  refuse(error);
}
