/** A worker on ONNX Runtime, native or on WebAssembly: the package in the folder that the command line names. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { onnxDeformConv } from '../support/onnx_deform_conv.js';
import { onnxMobileNetV1 } from '../support/onnx_mobilenet_v1.js';
import { now } from './clock.js';
import { refuse, serve, type Input, type PreparedWork } from './serve.js';
import { fromChannelsFirst, toChannelsFirst, toDepthwiseFirst, toFilterFirst } from './layout.js';

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

type Inputs = Readonly<Record<string, Input>>;

const threads = Number(process.env['BENCH_THREADS'] ?? '1');

const WORKS: Readonly<Record<string, (runtime: Runtime, inputs: Inputs) => Promise<PreparedWork>>> = {
  deformConv2d,
  inference,
};

function main(folder: string): void {
  // As on the web: from a folder that is no dependency of this package.
  const load = createRequire(__filename);
  const runtime = load(folder) as Runtime;
  const { version } = load(path.join(folder, 'package.json')) as { version: string };
  runtime.env.wasm.numThreads = threads;
  serve({ [path.basename(folder)]: version }, (name, inputs) => {
    const make = WORKS[name];
    if (make === undefined) throw new Error(`there is no work ${name}`);
    return make(runtime, inputs);
  });
}

async function deformConv2d(runtime: Runtime, inputs: Inputs): Promise<PreparedWork> {
  const arranged = {
    x: toChannelsFirst(inputs['x']!),
    filter: toFilterFirst(inputs['filter']!),
    offset: toChannelsFirst(inputs['offset']!),
    mask: toChannelsFirst(inputs['mask']!),
  };
  const [batch, , height, width] = arranged.x.shape as [number, number, number, number];
  const shapes = Object.fromEntries(Object.entries(arranged).map(([name, { shape }]) => [name, shape]));
  const shape = [batch, arranged.filter.shape[0]!, height, width];
  const model = await onnxDeformConv(shapes as Parameters<typeof onnxDeformConv>[0], shape);
  return work(runtime, model, arranged, (values) => fromChannelsFirst({ values, shape }));
}

/** MobileNetV1, which gives probabilities. */
async function inference(runtime: Runtime, inputs: Inputs): Promise<PreparedWork> {
  const x = toChannelsFirst(inputs['x']!);
  const kernels = kernelsOf(inputs).map((kernel) =>
    kernel.shape.length < 4 ? kernel : kernel.shape[3] === 1 ? toDepthwiseFirst(kernel) : toFilterFirst(kernel),
  );
  const shape = [x.shape[0]!, kernels.at(-1)!.shape[1]!];
  return work(runtime, await onnxMobileNetV1(x.shape, kernels), { x }, (values) => ({ values, shape }));
}

/** `kernel0`, `kernel1`, … */
function kernelsOf(inputs: Inputs): Input[] {
  return Object.keys(inputs)
    .filter((name) => name.startsWith('kernel'))
    .map((_, index) => inputs[`kernel${index}`]!);
}

/** Runs a model with one output, which `restore` brings into the conventions of this package. */
async function work(
  runtime: Runtime,
  model: Uint8Array,
  inputs: Inputs,
  restore: (values: Float32Array) => Input,
): Promise<PreparedWork> {
  const session = await runtime.InferenceSession.create(model, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionProviders: [runtime.env.versions['web'] === undefined ? 'cpu' : 'wasm'],
  });
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, { values, shape }]) => [name, new runtime.Tensor('float32', values, shape)]),
  );
  const [output] = Object.values(await session.run(feeds));
  return {
    results: [{ name: 'r0', ...restore(output!.data) }],
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
