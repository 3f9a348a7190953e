/** batchNorm and batchNormInference in plain TypeScript; sums in double precision. */
import type * as tf from '@tensorflow/tfjs';
import { makeOutput, readInput } from '../../backends/cpu/adapter.js';
import { activationRange, activationStops } from '../../kernel/fused_activation.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { BATCH_NORM, BATCH_NORM_INFERENCE, type BatchNormAttributes } from './kernels.js';

/** y = activation(scale · (x − mean) + beta), channel by channel. */
function normalize(args: KernelArguments, mean: Float32Array | Float64Array, variance: Float32Array): Float32Array {
  const { epsilon, activation } = args.attrs as BatchNormAttributes;
  const x = readInput(args, 'x');
  const gamma = readInput(args, 'gamma');
  const beta = readInput(args, 'beta');
  const channels = gamma.length;
  const { floor, ceiling } = activationRange(activation);
  const y = new Float32Array(x.length);
  const scale = Float64Array.from(gamma, (value, c) => value / Math.sqrt(variance[c]! + epsilon));
  for (let start = 0; start < x.length; start += channels) {
    for (let c = 0; c < channels; c++) {
      const value = (x[start + c]! - mean[c]!) * scale[c]! + beta[c]!;
      y[start + c] = value < floor ? floor : value > ceiling ? ceiling : value;
    }
  }
  return y;
}

/** Upstream gradient g behind the activation, and Σ g and Σ g·x̂ per channel. */
function reduceGradient(args: KernelArguments): {
  readonly through: Float32Array;
  readonly sums: Float64Array;
  readonly products: Float64Array;
  readonly inverse: Float64Array;
} {
  const { epsilon, activation } = args.attrs as BatchNormAttributes;
  const x = readInput(args, 'x');
  const y = readInput(args, 'y');
  const mean = readInput(args, 'mean');
  const channels = mean.length;
  const inverse = Float64Array.from(readInput(args, 'variance'), (value) => 1 / Math.sqrt(value + epsilon));
  const through = Float32Array.from(readInput(args, 'dy'));
  const sums = new Float64Array(channels);
  const products = new Float64Array(channels);
  const { floor, ceiling } = activationStops(activation);
  for (let start = 0; start < x.length; start += channels) {
    for (let c = 0; c < channels; c++) {
      const i = start + c;
      if (y[i]! <= floor || y[i]! >= ceiling) through[i] = 0;
      sums[c]! += through[i]!;
      products[c]! += through[i]! * (x[i]! - mean[c]!) * inverse[c]!;
    }
  }
  return { through, sums, products, inverse };
}

export const forward: tf.KernelConfig = {
  kernelName: BATCH_NORM.forward,
  backendName: 'cpu',
  kernelFunc: (args: KernelArguments) => {
    const x = readInput(args, 'x');
    const channels = readInput(args, 'gamma').length;
    const count = Math.max(x.length / Math.max(channels, 1), 1);
    const sums = new Float64Array(channels);
    const squares = new Float64Array(channels);
    for (let i = 0; i < x.length; i++) sums[i % channels]! += x[i]!;
    const mean = sums.map((sum) => sum / count);
    for (let i = 0; i < x.length; i++) squares[i % channels]! += (x[i]! - mean[i % channels]!) ** 2;
    const variance = Float32Array.from(squares, (sum) => sum / count);
    return [
      makeOutput(args, args.inputs['x']!.shape, normalize(args, mean, variance)),
      makeOutput(args, [channels], Float32Array.from(mean)),
      makeOutput(args, [channels], variance),
    ];
  },
};

export const backward: tf.KernelConfig = {
  kernelName: BATCH_NORM.backward,
  backendName: 'cpu',
  kernelFunc: (args: KernelArguments) => {
    const x = readInput(args, 'x');
    const gamma = readInput(args, 'gamma');
    const mean = readInput(args, 'mean');
    const channels = gamma.length;
    const count = Math.max(x.length / Math.max(channels, 1), 1);
    const { through, sums, products, inverse } = reduceGradient(args);
    const dx = new Float32Array(x.length);
    for (let start = 0; start < x.length; start += channels) {
      for (let c = 0; c < channels; c++) {
        const normalized = (x[start + c]! - mean[c]!) * inverse[c]!;
        const centred = through[start + c]! - (sums[c]! + normalized * products[c]!) / count;
        dx[start + c] = gamma[c]! * inverse[c]! * centred;
      }
    }
    return [
      makeOutput(args, args.inputs['x']!.shape, dx),
      makeOutput(args, [channels], Float32Array.from(products)),
      makeOutput(args, [channels], Float32Array.from(sums)),
    ];
  },
};

export const inferenceForward: tf.KernelConfig = {
  kernelName: BATCH_NORM_INFERENCE.forward,
  backendName: 'cpu',
  kernelFunc: (args: KernelArguments) =>
    makeOutput(args, args.inputs['x']!.shape, normalize(args, readInput(args, 'mean'), readInput(args, 'variance'))),
};

export const inferenceBackward: tf.KernelConfig = {
  kernelName: BATCH_NORM_INFERENCE.backward,
  backendName: 'cpu',
  kernelFunc: (args: KernelArguments) => {
    const gamma = readInput(args, 'gamma');
    const channels = gamma.length;
    const { through, sums, products, inverse } = reduceGradient(args);
    for (let i = 0; i < through.length; i++) through[i]! *= gamma[i % channels]! * inverse[i % channels]!;
    return [
      makeOutput(args, args.inputs['x']!.shape, through),
      makeOutput(args, [channels], Float32Array.from(products)),
      makeOutput(args, [channels], Float32Array.from(sums)),
    ];
  },
};
