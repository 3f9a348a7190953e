/** adamUpdate in plain TypeScript. */
import type * as tf from '@tensorflow/tfjs';
import { makeOutput, readInput, type KernelArguments } from '../cpu_backend.js';
import { ADAM_UPDATE, type AdamAttributes } from './names.js';

export const forward: tf.KernelConfig = {
  kernelName: ADAM_UPDATE.forward,
  backendName: 'cpu',
  kernelFunc: (args: KernelArguments) => {
    const { rate, beta1, beta2, epsilon } = args.attrs as AdamAttributes;
    const gradient = readInput(args, 'gradient');
    const value = Float32Array.from(readInput(args, 'value'));
    const first = Float32Array.from(readInput(args, 'firstMoment'));
    const second = Float32Array.from(readInput(args, 'secondMoment'));
    for (let i = 0; i < value.length; i++) {
      const g = gradient[i]!;
      first[i] = beta1 * first[i]! + (1 - beta1) * g;
      second[i] = beta2 * second[i]! + (1 - beta2) * g * g;
      value[i]! -= (rate * first[i]!) / (Math.sqrt(second[i]!) + epsilon);
    }
    const { shape } = args.inputs['value']!;
    return [value, first, second].map((values) => makeOutput(args, shape, values));
  },
};
