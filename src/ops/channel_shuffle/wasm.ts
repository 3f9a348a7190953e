/** channelShuffle on WebAssembly's memory: only copies, so a JavaScript loop is fast enough. */
import type * as tf from '@tensorflow/tfjs';
import { runWasmSingle } from '../../backends/wasm/adapter.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { sizeOf } from '../../kernel/sizes.js';
import { shuffle } from './loop.js';
import { CHANNEL_SHUFFLE, shuffleOf } from './kernels.js';

export const forward: tf.KernelConfig = {
  kernelName: CHANNEL_SHUFFLE.forward,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const call = shuffleOf(args);
    const size = sizeOf(call.shape);
    return runWasmSingle(args, ({ input, output, floats }) => {
      const [x, y] = [input('x'), output(call.shape)];
      shuffle(call, floats(x, size), floats(y, size));
    });
  },
};
