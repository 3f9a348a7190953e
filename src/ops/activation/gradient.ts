/** Gradient of the activations, and the gradient of that gradient, which is linear in dy and independent of y. */
import * as tf from '@tensorflow/tfjs';
import { runKernelSingle } from '../run_kernel.js';
import { ACTIVATION } from './kernels.js';

const ACTION = 'differentiate activation';

const forward: tf.GradConfig = {
  kernelName: ACTIVATION.forward,
  outputsToSave: [true],
  gradFunc: (upstream, saved, attributes) => {
    const [dy, y] = [upstream as tf.Tensor, saved[0]!];
    return { x: () => runKernelSingle(ACTION, ACTIVATION.backward, { dy, y }, attributes) };
  },
};

const backward: tf.GradConfig = {
  kernelName: ACTIVATION.backward,
  inputsToSave: ['y'],
  gradFunc: (upstream, saved, attributes) => {
    const [ddx, y] = [upstream as tf.Tensor, saved[0]!];
    return {
      dy: () => runKernelSingle(ACTION, ACTIVATION.backward, { dy: ddx, y }, attributes),
      y: () => tf.zerosLike(y),
    };
  },
};

export const gradients = [forward, backward] as const;
