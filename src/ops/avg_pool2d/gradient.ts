/** Gradients of avgPool2d: linear, and each kernel is the gradient of the other. */
import type * as tf from '@tensorflow/tfjs';
import { runKernelSingle } from '../run_kernel.js';
import { AVG_POOL2D } from './kernels.js';

const ACTION = 'differentiate avgPool2d';

const forward: tf.GradConfig = {
  kernelName: AVG_POOL2D.forward,
  gradFunc: (upstream, _, geometry) => ({
    x: () => runKernelSingle(ACTION, AVG_POOL2D.backward, { dy: upstream as tf.Tensor }, geometry),
  }),
};

const backward: tf.GradConfig = {
  kernelName: AVG_POOL2D.backward,
  gradFunc: (upstream, _, geometry) => ({
    dy: () => runKernelSingle(ACTION, AVG_POOL2D.forward, { x: upstream as tf.Tensor }, geometry),
  }),
};

export const gradients = [forward, backward] as const;
