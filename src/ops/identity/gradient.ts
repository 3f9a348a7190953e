/** Gradient of identity: the identity, to any order. It saves nothing. */
import type * as tf from '@tensorflow/tfjs';
import { runKernelSingle } from '../run_kernel.js';
import { IDENTITY } from './kernels.js';

const forward: tf.GradConfig = {
  kernelName: IDENTITY.forward,
  gradFunc: (upstream) => ({
    x: () => runKernelSingle('differentiate identity', IDENTITY.forward, { x: upstream as tf.Tensor }, {}),
  }),
};

export const gradients = [forward] as const;
