/** batchNorm and batchNormInference on WebGL. */
import type * as tf from '@tensorflow/tfjs';
import { runWebGL, runWebGLSingle, type WebGLCall } from '../../backends/webgl/adapter.js';
import type { Surface } from '../../backends/webgl/program.js';
import { shader } from '../../backends/webgl/shader.js';
import { chunksOf, sumChunks, type Chunks } from '../../backends/webgl/sums.js';
import { FUSED_ACTIVATIONS } from '../../kernel/fused_activation.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { sizeOf } from '../../kernel/sizes.js';
import { BATCH_NORM, BATCH_NORM_INFERENCE, type BatchNormAttributes } from './kernels.js';

interface Prepared {
  readonly shape: number[];
  readonly channels: number;
  readonly rows: number;
  readonly epsilon: number;
  /** 0 linear, 1 relu, 2 relu6. */
  readonly activation: number;
}

function prepare({ inputs, attrs }: KernelArguments): Prepared {
  const { epsilon, activation } = attrs as BatchNormAttributes;
  const { shape } = inputs['x']!;
  const channels = shape.at(-1)!;
  return {
    shape,
    channels,
    rows: sizeOf(shape.slice(0, -1)),
    epsilon,
    activation: FUSED_ACTIVATIONS.indexOf(activation),
  };
}

/** Σ (x − centre) or Σ (x − centre)² per channel over chunks of rows, [chunks, channels]. */
const momentShader = shader(
  'flat',
  { x: 'flat', centre: 'flat' },
  ['channels', 'rows', 'extent', 'squared'],
  `
float value(int index) {
  int channel = index % channels;
  int start = index / channels * extent;
  int end = min(start + extent, rows);
  float middle = centre(channel);
  float sum = 0.0;
  for (int row = start; row < end; row++) {
    float distance = x(row * channels + channel) - middle;
    sum += squared == 1 ? distance * distance : distance;
  }
  return sum;
}`,
);

/** Writes the mean and biased variance of each channel to the targets. */
function moments(call: WebGLCall, x: Surface, { channels, rows }: Prepared, mean: Surface, variance: Surface): void {
  const chunks = chunksOf(rows);
  const partial = call.flat(chunks.count * channels);
  const pass = (centre: Surface, squared: number): void => {
    call.draw(momentShader, { inputs: { x, centre }, ints: { channels, ...chunks, squared }, target: partial });
  };
  const scale = 1 / Math.max(rows, 1);
  // Relative to the first row: if the mean is large compared with the spread, summing the values themselves would lose
  // the spread.
  pass(x, 0);
  sumChunks(call, partial, chunks, mean, { scale, base: rows > 0 ? x : undefined });
  pass(mean, 1);
  sumChunks(call, partial, chunks, variance, { scale });
}

const normalizeShader = shader(
  'flat',
  { x: 'flat', mean: 'flat', variance: 'flat', gamma: 'flat', beta: 'flat' },
  ['channels', 'activation'],
  `
float value(int index) {
  int channel = index % channels;
  float scale = gamma(channel) / sqrt(variance(channel) + epsilon);
  float y = (x(index) - mean(channel)) * scale + beta(channel);
  if (activation > 0 && y < 0.0) return 0.0;
  return activation == 2 && y > 6.0 ? 6.0 : y;
}`,
  ['epsilon'],
);

function normalize(
  call: WebGLCall,
  x: Surface,
  prepared: Prepared,
  mean: Surface,
  variance: Surface,
  y: Surface,
): void {
  const { channels, activation, epsilon } = prepared;
  const inputs = { x, mean, variance, gamma: call.input('gamma'), beta: call.input('beta') };
  call.draw(normalizeShader, { inputs, ints: { channels, activation }, floats: { epsilon }, target: y });
}

/** Upstream gradient behind the activation, and the normalised input. */
const THROUGH = `
float through(int index) {
  float passed = y(index);
  return activation > 0 && passed <= 0.0 || activation == 2 && passed >= 6.0 ? 0.0 : dy(index);
}
float normalized(int index) {
  int channel = index % channels;
  return (x(index) - mean(channel)) / sqrt(variance(channel) + epsilon);
}`;

const UPSTREAM = { x: 'flat', y: 'flat', dy: 'flat', mean: 'flat', variance: 'flat' } as const;

/** Σ dy and Σ dy · x̂ per channel over chunks of rows, [chunks, 2 · channels]. */
const reduceShader = shader(
  'flat',
  UPSTREAM,
  ['channels', 'activation', 'rows', 'extent'],
  `${THROUGH}
float value(int index) {
  int column = index % (2 * channels);
  int start = index / (2 * channels) * extent;
  int end = min(start + extent, rows);
  float sum = 0.0;
  for (int row = start; row < end; row++) {
    int at = row * channels + column % channels;
    sum += column < channels ? through(at) : through(at) * normalized(at);
  }
  return sum;
}`,
  ['epsilon'],
);

/** dx from Σ dy and Σ dy · x̂ over all rows; with given statistics (`scale` 0) the sums do not contribute. */
const inputShader = shader(
  'flat',
  { ...UPSTREAM, gamma: 'flat', sums: 'flat', products: 'flat' },
  ['channels', 'activation'],
  `${THROUGH}
float value(int index) {
  int channel = index % channels;
  float factor = gamma(channel) / sqrt(variance(channel) + epsilon);
  float share = scale == 0.0 ? 0.0 : scale * (sums(channel) + normalized(index) * products(channel));
  return factor * (through(index) - share);
}`,
  ['epsilon', 'scale'],
);

/** Backward kernel of either operator: they differ only in whether the statistics are those of the batch. */
function backwardOf(kernelName: string, training: boolean): tf.KernelConfig {
  return {
    kernelName,
    backendName: 'webgl',
    kernelFunc: (args: KernelArguments) => {
      const { shape, channels, rows, activation, epsilon } = prepare(args);
      return runWebGL(args, (call) => {
        const [x, y, dy] = [call.input('x'), call.input('y'), call.input('dy')];
        const inputs = { x, y, dy, mean: call.input('mean'), variance: call.input('variance') };
        const [dx, dgamma, dbeta] = [call.output(shape), call.output([channels]), call.output([channels])];
        const chunks: Chunks = chunksOf(rows);
        const partial = call.flat(chunks.count * 2 * channels);
        const ints = { channels, activation, ...chunks };
        call.draw(reduceShader, { inputs, ints, floats: { epsilon }, target: partial });
        sumChunks(call, partial, chunks, dbeta, { columns: { first: 0, total: 2 * channels } });
        sumChunks(call, partial, chunks, dgamma, { columns: { first: channels, total: 2 * channels } });
        call.draw(inputShader, {
          inputs: { ...inputs, gamma: call.input('gamma'), sums: dbeta, products: dgamma },
          ints: { channels, activation },
          floats: { epsilon, scale: training ? 1 / Math.max(rows, 1) : 0 },
          target: dx,
        });
      });
    },
  };
}

export const forward: tf.KernelConfig = {
  kernelName: BATCH_NORM.forward,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const prepared = prepare(args);
    const { shape, channels } = prepared;
    return runWebGL(args, (call) => {
      const x = call.input('x');
      const [y, mean, variance] = [call.output(shape), call.output([channels]), call.output([channels])];
      moments(call, x, prepared, mean, variance);
      normalize(call, x, prepared, mean, variance, y);
    });
  },
};

export const backward = backwardOf(BATCH_NORM.backward, true);

export const inferenceForward: tf.KernelConfig = {
  kernelName: BATCH_NORM_INFERENCE.forward,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const prepared = prepare(args);
    return runWebGLSingle(args, (call) => {
      const y = call.output(prepared.shape);
      normalize(call, call.input('x'), prepared, call.input('mean'), call.input('variance'), y);
    });
  },
};

export const inferenceBackward = backwardOf(BATCH_NORM_INFERENCE.backward, false);
