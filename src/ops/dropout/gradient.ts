/** Gradient of dropout, to any order: the same mask and scale, for which the attributes themselves are passed on. */
import type * as tf from '@tensorflow/tfjs';
import { runKernelSingle } from '../run_kernel.js';
import { DROPOUT } from './kernels.js';

const forward: tf.GradConfig = {
  kernelName: DROPOUT.forward,
  gradFunc: (upstream, _, attributes) => ({
    x: () => runKernelSingle('differentiate dropout', DROPOUT.forward, { x: upstream as tf.Tensor }, attributes),
  }),
};

export const gradients = [forward] as const;
