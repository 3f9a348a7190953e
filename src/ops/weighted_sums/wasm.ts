/** weightedSums on WebAssembly (assembly/weighted_sum.ts). */
import * as tf from '@tensorflow/tfjs';
import type { KernelArguments } from '../cpu_backend.js';
import { listOf } from '../lists.js';
import { runWasm } from '../wasm_backend.js';
import { WEIGHTED_SUMS, type WeightedSumsAttributes } from './names.js';

export const forward: tf.KernelConfig = {
  kernelName: WEIGHTED_SUMS.forward,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const { weightA, weightB } = args.attrs as WeightedSumsAttributes;
    return runWasm(args, ({ exports, input, output }) => {
      listOf(args.inputs, 'a').forEach((a, index) => {
        const [from, and] = [input(`a${index}`), input(`b${index}`)];
        exports.weightedSum(from, and, output(a.shape), tf.util.sizeFromShape(a.shape), weightA, weightB);
      });
    });
  },
};
