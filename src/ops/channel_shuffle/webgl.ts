/** channelShuffle on WebGL. */
import type * as tf from '@tensorflow/tfjs';
import { runWebGLSingle } from '../../backends/webgl/adapter.js';
import { shader } from '../../backends/webgl/shader.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { CHANNEL_SHUFFLE, SHUFFLE_SIZES, shuffleOf } from './kernels.js';

const forwardShader = shader(
  'flat',
  { x: 'flat' },
  SHUFFLE_SIZES,
  `
float value(int index) {
  int channel = index % channels;
  return x(index - channel + channel % groups * (channels / groups) + channel / groups);
}`,
);

export const forward: tf.KernelConfig = {
  kernelName: CHANNEL_SHUFFLE.forward,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const { channels, groups, shape } = shuffleOf(args);
    return runWebGLSingle(args, (call) => {
      const inputs = { x: call.input('x') };
      call.draw(forwardShader, { inputs, ints: { channels, groups }, target: call.output(shape) });
    });
  },
};
