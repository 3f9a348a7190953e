/** weightedSum in plain TypeScript. */
import type * as tf from '@tensorflow/tfjs';
import { makeOutput, readInput, type KernelArguments } from '../cpu_backend.js';
import { WEIGHTED_SUM, type WeightedSumAttributes } from './names.js';

export const forward: tf.KernelConfig = {
  kernelName: WEIGHTED_SUM.forward,
  backendName: 'cpu',
  kernelFunc: (args: KernelArguments) => {
    const { weightA, weightB } = args.attrs as WeightedSumAttributes;
    const [a, b] = [readInput(args, 'a'), readInput(args, 'b')];
    const sum = Float32Array.from(a, (value, index) => value * weightA + b[index]! * weightB);
    return makeOutput(args, args.inputs['a']!.shape, sum);
  },
};
