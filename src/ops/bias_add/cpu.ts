/** biasAdd in plain TypeScript; sums in double precision. */
import type * as tf from '@tensorflow/tfjs';
import { makeOutput, readInput } from '../../backends/cpu/adapter.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { BIAS_ADD, sizesOf } from './kernels.js';

export const forward: tf.KernelConfig = {
  kernelName: BIAS_ADD.forward,
  backendName: 'cpu',
  kernelFunc: (args: KernelArguments) => {
    const { shape, channels } = sizesOf(args);
    const bias = readInput(args, 'bias');
    const y = Float32Array.from(readInput(args, 'x'));
    for (let start = 0; start < y.length; start += channels) {
      for (let c = 0; c < channels; c++) y[start + c]! += bias[c]!;
    }
    return makeOutput(args, shape, y);
  },
};

export const backward: tf.KernelConfig = {
  kernelName: BIAS_ADD.backward,
  backendName: 'cpu',
  kernelFunc: (args: KernelArguments) => {
    const { channels } = sizesOf(args);
    const dy = readInput(args, 'dy');
    const sums = new Float64Array(channels);
    for (let start = 0; start < dy.length; start += channels) {
      for (let c = 0; c < channels; c++) sums[c]! += dy[start + c]!;
    }
    return makeOutput(args, [channels], Float32Array.from(sums));
  },
};
