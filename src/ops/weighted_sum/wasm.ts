/** weightedSum on WebAssembly (assembly/weighted_sum.ts). */
import type * as tf from '@tensorflow/tfjs';
import type { KernelArguments } from '../cpu_backend.js';
import { runWasm } from '../wasm_backend.js';
import { WEIGHTED_SUM, type WeightedSumAttributes } from './names.js';

export const forward: tf.KernelConfig = {
  kernelName: WEIGHTED_SUM.forward,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const { weightA, weightB } = args.attrs as WeightedSumAttributes;
    const { shape } = args.inputs['a']!;
    const count = shape.reduce((product, size) => product * size, 1);
    return runWasm(args, ({ exports, input, output }) => {
      exports.weightedSum(input('a'), input('b'), output(shape), count, weightA, weightB);
    });
  },
};
