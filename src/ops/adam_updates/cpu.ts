/** adamUpdates in plain TypeScript. */
import type * as tf from '@tensorflow/tfjs';
import { makeOutput, readInput } from '../../backends/cpu/adapter.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { listOf } from '../lists.js';
import { ADAM_UPDATES, type AdamAttributes } from './kernels.js';

export const forward: tf.KernelConfig = {
  kernelName: ADAM_UPDATES.forward,
  backendName: 'cpu',
  kernelFunc: (args: KernelArguments) =>
    listOf(args.inputs, 'value').flatMap(({ shape }, index) =>
      update(args, index).map((values) => makeOutput(args, shape, values)),
    ),
};

/** New value and moments of one variable. */
function update(args: KernelArguments, index: number): Float32Array[] {
  const { rates, keeps, beta1, beta2, epsilon } = args.attrs as AdamAttributes;
  const read = (name: string): Float32Array => readInput(args, `${name}${index}`);
  const [rate, keep, gradient] = [rates[index]!, keeps[index]!, read('gradient')];
  const value = Float32Array.from(read('value'));
  const first = Float32Array.from(read('firstMoment'));
  const second = Float32Array.from(read('secondMoment'));
  for (let i = 0; i < value.length; i++) {
    const g = gradient[i]!;
    first[i] = beta1 * first[i]! + (1 - beta1) * g;
    second[i] = beta2 * second[i]! + (1 - beta2) * g * g;
    value[i] = keep * value[i]! - (rate * first[i]!) / (Math.sqrt(second[i]!) + epsilon);
  }
  return [value, first, second];
}
