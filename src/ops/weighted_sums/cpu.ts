/** weightedSums in plain TypeScript. */
import type * as tf from '@tensorflow/tfjs';
import { makeOutput, readInput } from '../../backends/cpu/adapter.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { listOf } from '../lists.js';
import { WEIGHTED_SUMS, weightsOf } from './kernels.js';

export const forward: tf.KernelConfig = {
  kernelName: WEIGHTED_SUMS.forward,
  backendName: 'cpu',
  kernelFunc: (args: KernelArguments) => {
    return listOf(args.inputs, 'a').map(({ shape }, index) => {
      const { weightA, weightB } = weightsOf(args.attrs, index);
      const [a, b] = [readInput(args, `a${index}`), readInput(args, `b${index}`)];
      const sum = Float32Array.from(a, (value, at) => value * weightA + b[at]! * weightB);
      return makeOutput(args, shape, sum);
    });
  },
};
