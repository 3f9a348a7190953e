/** weightedSums on WebAssembly (assembly/weighted_sum.ts). */
import * as tf from '@tensorflow/tfjs';
import { runWasm } from '../../backends/wasm/adapter.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { listOf } from '../lists.js';
import { WEIGHTED_SUMS, weightsOf } from './kernels.js';

export const forward: tf.KernelConfig = {
  kernelName: WEIGHTED_SUMS.forward,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    return runWasm(args, ({ exports, input, output }) => {
      listOf(args.inputs, 'a').forEach((a, index) => {
        const { weightA, weightB } = weightsOf(args.attrs, index);
        const [from, and] = [input(`a${index}`), input(`b${index}`)];
        exports.weightedSum(from, and, output(a.shape), tf.util.sizeFromShape(a.shape), weightA, weightB);
      });
    });
  },
};
