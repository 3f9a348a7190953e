/** Gradients of padImage: linear, and each kernel is the gradient of the other. */
import type * as tf from '@tensorflow/tfjs';
import { runKernelSingle } from '../run_kernel.js';
import { PAD_IMAGE } from './kernels.js';

const ACTION = 'differentiate padImage';

const forward: tf.GradConfig = {
  kernelName: PAD_IMAGE.forward,
  gradFunc: (upstream, _, attributes) => ({
    x: () => runKernelSingle(ACTION, PAD_IMAGE.backward, { dy: upstream as tf.Tensor }, attributes),
  }),
};

const backward: tf.GradConfig = {
  kernelName: PAD_IMAGE.backward,
  gradFunc: (upstream, _, attributes) => ({
    dy: () => runKernelSingle(ACTION, PAD_IMAGE.forward, { x: upstream as tf.Tensor }, attributes),
  }),
};

export const gradients = [forward, backward] as const;
