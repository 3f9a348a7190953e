/** channelShuffle in plain TypeScript. */
import type * as tf from '@tensorflow/tfjs';
import { makeOutput, readInput } from '../../backends/cpu/adapter.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { shuffle } from './loop.js';
import { CHANNEL_SHUFFLE, shuffleOf } from './kernels.js';

export const forward: tf.KernelConfig = {
  kernelName: CHANNEL_SHUFFLE.forward,
  backendName: 'cpu',
  kernelFunc: (args: KernelArguments) => {
    const call = shuffleOf(args);
    const x = readInput(args, 'x');
    const y = new Float32Array(x.length);
    shuffle(call, x, y);
    return makeOutput(args, call.shape, y);
  },
};
