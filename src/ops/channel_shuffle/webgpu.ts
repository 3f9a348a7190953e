/** channelShuffle on WebGPU. */
import type * as tf from '@tensorflow/tfjs';
import { hostOf } from '../../backends/webgpu/adapter.js';
import { elementwise, mapElements } from '../../backends/webgpu/elements.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { CHANNEL_SHUFFLE, SHUFFLE_SIZES, shuffleOf } from './kernels.js';

const FORWARD = elementwise({
  key: 'channel_shuffle/forward',
  inputs: ['x'],
  integers: SHUFFLE_SIZES,
  code: `
    fn element(i : i32) {
      let channel = i % uniforms.channels;
      let size = uniforms.channels / uniforms.groups;
      result[i] = x[i - channel + channel % uniforms.groups * size + channel / uniforms.groups];
    }`,
});

export const forward: tf.KernelConfig = {
  kernelName: CHANNEL_SHUFFLE.forward,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const { channels, groups, shape } = shuffleOf(args);
    return mapElements(hostOf(args), FORWARD, [args.inputs['x']!], shape, { channels, groups });
  },
};
