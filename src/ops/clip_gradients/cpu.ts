/** clipGradients in plain TypeScript. */
import type * as tf from '@tensorflow/tfjs';
import { makeOutput, readInput } from '../../backends/cpu/adapter.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { listOf } from '../lists.js';
import { CLIP_GRADIENTS, normGroups, type ClipAttributes } from './kernels.js';

export const forward: tf.KernelConfig = {
  kernelName: CLIP_GRADIENTS.forward,
  backendName: 'cpu',
  kernelFunc: (args: KernelArguments) => {
    const { by, limit } = args.attrs as ClipAttributes;
    const tensors = listOf(args.inputs, 'gradient');
    const gradients = tensors.map((_, index) => readInput(args, `gradient${index}`));
    const clipped =
      by === 'value'
        ? gradients.map((gradient) => gradient.map((value) => Math.min(Math.max(value, -limit), limit)))
        : normGroups(by, gradients.length).flatMap((group) => {
            const own = group.map((index) => gradients[index]!);
            const scale = limit / Math.max(normOf(own), limit);
            return own.map((gradient) => gradient.map((value) => value * scale));
          });
    return tensors.map(({ shape }, index) => makeOutput(args, shape, clipped[index]!));
  },
};

/** Euclidean norm of all values. */
function normOf(gradients: readonly Float32Array[]): number {
  let sum = 0;
  for (const gradient of gradients) for (const value of gradient) sum += value * value;
  return Math.sqrt(sum);
}
