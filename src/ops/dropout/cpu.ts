/** dropout in plain TypeScript. */
import type * as tf from '@tensorflow/tfjs';
import { makeOutput, readInput } from '../../backends/cpu/adapter.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { philox } from '../../kernel/philox.js';
import { DROPOUT } from './kernels.js';
import { dropoutOf, type DropoutCall } from './noise.js';

export const forward: tf.KernelConfig = {
  kernelName: DROPOUT.forward,
  backendName: 'cpu',
  kernelFunc: (args: KernelArguments) => {
    const call = dropoutOf(args);
    const { shape, size, scale, axes } = call;
    const kept = keptOf(call);
    const x = readInput(args, 'x');
    const y = new Float32Array(size);
    const { length, step } = axes.at(-1) ?? { length: 1, step: 0 };
    for (let start = 0; start < size; start += length) {
      let at = noiseStart(call, start / length);
      for (let i = start; i < start + length; i++, at += step) if (kept[at] === 1) y[i] = x[i]! * scale;
    }
    return makeOutput(args, shape, y);
  },
};

/** The mask: 1 where an element is kept. */
function keptOf({ key, threshold, noiseSize }: DropoutCall): Uint8Array {
  const kept = new Uint8Array(noiseSize);
  for (let i = 0; i < noiseSize; i += 4) {
    const words = philox([i / 4, 0, 0, 0], key);
    for (let word = 0; word < 4; word++) if (words[word]! >= threshold) kept[i + word] = 1;
  }
  return kept;
}

/** Position in the mask of the first element of a run along the innermost axis. */
function noiseStart({ axes }: DropoutCall, run: number): number {
  let [at, rest] = [0, run];
  for (let axis = axes.length - 2; axis >= 0; axis--) {
    const { length, step } = axes[axis]!;
    at += (rest % length) * step;
    rest = Math.floor(rest / length);
  }
  return at;
}
