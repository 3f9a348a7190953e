/** Gradient of channelShuffle, to any order: the inverse shuffle. */
import type * as tf from '@tensorflow/tfjs';
import { runKernelSingle } from '../run_kernel.js';
import { CHANNEL_SHUFFLE, type ShuffleAttributes } from './kernels.js';

const forward: tf.GradConfig = {
  kernelName: CHANNEL_SHUFFLE.forward,
  gradFunc: (upstream, _, attributes) => {
    const { shape, groups } = attributes as unknown as ShuffleAttributes;
    const inverse: ShuffleAttributes = { shape, groups: shape[shape.length - 1]! / groups };
    const dy = upstream as tf.Tensor;
    return { x: () => runKernelSingle('differentiate channelShuffle', CHANNEL_SHUFFLE.forward, { x: dy }, inverse) };
  },
};

export const gradients = [forward] as const;
