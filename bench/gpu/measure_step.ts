/** Time and bytes of the kernels of one training step of MobileNetV1, with this package's layers and with the host's. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { SGD } from '../../src/training/sgd.js';
import { stockMobileNetV1 } from '../support/stock_mobilenet_v1.js';
import type { Recorder } from './recording.js';

/** α of the network, side of its images and their number. */
export const STEP = { alpha: 0.25, size: 32, batch: 32, classes: 10 } as const;

export const SIDES = ['host', 'ours'] as const;

/** Layers of a network. */
export type Side = (typeof SIDES)[number];

/** Parts of a training step, in the order of the picture; the host normalises with several kernels for other work. */
export const PARTS = [
  'conv2d',
  'conv2d, gradients',
  'depthwise',
  'depthwise, gradients',
  'batchNorm',
  'batchNorm, gradients',
  'rest',
] as const;

export type Part = (typeof PARTS)[number];

/** Kernels of one part on one side. */
export interface PartCost {
  readonly part: Part;
  readonly side: Side;
  readonly kernels: number;
  /** Draws or dispatches. */
  readonly dispatches: number;
  /** Milliseconds. */
  readonly time: number;
  readonly bytes: number;
}

/** Waits until the device has done its work. */
export type Finish = () => Promise<void> | void;

/** Runs of a part, of which the fastest counts, and milliseconds after which none follows. */
const [RUNS, LONG] = [5, 1000];

function partOf(kernel: string): Part {
  const gradients = /Backprop|Grad/.test(kernel);
  if (/Depthwise/.test(kernel)) return gradients ? 'depthwise, gradients' : 'depthwise';
  if (/Conv2D/.test(kernel)) return gradients ? 'conv2d, gradients' : 'conv2d';
  if (/BatchNorm/.test(kernel)) return gradients ? 'batchNorm, gradients' : 'batchNorm';
  return 'rest';
}

/** One call of a kernel, with inputs that outlive the step. */
interface Call {
  readonly name: string;
  readonly run: () => void;
}

function modelOf(side: Side): tf.LayersModel {
  const { alpha, size, classes } = STEP;
  if (side === 'host') return stockMobileNetV1(size, alpha, classes);
  return conv.mobileNetV1({ alpha, inputShape: [size, size, 3], classes, dropout: 0 });
}

/** Measures the parts of a step on the active backend: first the step is run, then the kernels of each part again. */
export async function measureStep(side: Side, recorder: Recorder, finish: Finish): Promise<readonly PartCost[]> {
  const { size, batch, classes } = STEP;
  const model = modelOf(side);
  const x = tf.randomUniform([batch, size, size, 3], -1, 1, 'float32', 1);
  const labels = tf.tidy(() => tf.oneHot(tf.range(0, batch, 1, 'int32').mod(classes).toInt(), classes));
  const optimizer = side === 'host' ? tf.train.sgd(0.01) : new SGD({ learningRate: 0.01 });
  const step = (): void => {
    optimizer.minimize(() =>
      tf.metrics.categoricalCrossentropy(labels, model.apply(x, { training: true }) as tf.Tensor).mean(),
    );
  };
  // The first step compiles, and converts tensors to the forms in which kernels take them.
  step();
  const costs = new Map(PARTS.map((part) => [part, { kernels: 0, dispatches: 0, time: 0, bytes: 0 }]));
  for (const { kernel, read, written } of recorder.record(step).dispatches) {
    const cost = costs.get(partOf(kernel))!;
    cost.dispatches++;
    cost.bytes += read + written;
  }
  const calls = keepCalls(step);
  const idle = await timeOf(() => undefined, finish);
  for (const [part, cost] of costs) {
    const own = calls.filter(({ name }) => partOf(name) === part);
    const runAll = (): void => {
      for (const { run } of own) run();
    };
    cost.kernels = own.length;
    cost.time = Math.max((await timeOf(runAll, finish)) - idle, 0);
  }
  return PARTS.map((part) => ({ part, side, ...costs.get(part)! }));
}

/** Milliseconds from a call to the end of its work, at best. */
async function timeOf(run: () => void, finish: Finish): Promise<number> {
  let fastest = Infinity;
  let total = 0;
  for (let attempt = 0; attempt < RUNS && total < LONG; attempt++) {
    await finish();
    const start = performance.now();
    run();
    await finish();
    const elapsed = performance.now() - start;
    fastest = Math.min(fastest, elapsed);
    total += elapsed;
  }
  return fastest;
}

/** Runs the function; returns the calls of kernels that the engine made, whose inputs are kept. */
function keepCalls(body: () => void): readonly Call[] {
  const backendName = tf.getBackend();
  const backend = tf.backend();
  const configs = tf.getKernelsForBackend(backendName);
  const calls: Call[] = [];
  let depth = 0;
  const register = (config: tf.KernelConfig): void => {
    tf.unregisterKernel(config.kernelName, backendName);
    tf.registerKernel(config);
  };
  for (const config of configs) {
    register({
      ...config,
      kernelFunc: (args) => {
        if (depth === 0) {
          // Some kernels of the host are given inputs that are not there.
          const inputs = Object.values(args.inputs as Record<string, tf.TensorInfo | undefined>);
          for (const input of inputs) if (input !== undefined) backend.incRef(input.dataId);
          const run = (): void => {
            for (const { dataId } of [config.kernelFunc(args)].flat()) backend.disposeData(dataId);
          };
          calls.push({ name: config.kernelName, run });
        }
        depth++;
        try {
          return config.kernelFunc(args);
        } finally {
          depth--;
        }
      },
    });
  }
  try {
    body();
  } finally {
    configs.forEach(register);
  }
  return calls;
}
