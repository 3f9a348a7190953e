/** Gradients of biasAdd, which is linear; so is the sum that gives the bias gradient. */
import * as tf from '@tensorflow/tfjs';
import { BIAS_ADD, type BiasAddAttributes } from './kernels.js';
import { biasAdd, biasGradient } from './op.js';

const ACTION = 'differentiate biasAdd';

const forward: tf.GradConfig = {
  kernelName: BIAS_ADD.forward,
  gradFunc: (upstream) => {
    const dy = upstream as tf.Tensor;
    return { x: () => tf.clone(dy), bias: () => biasGradient(ACTION, dy) };
  },
};

const backward: tf.GradConfig = {
  kernelName: BIAS_ADD.backward,
  gradFunc: (upstream, _, attributes) => {
    const { shape } = attributes as unknown as BiasAddAttributes;
    return { dy: () => biasAdd(ACTION, tf.zeros([...shape]), upstream as tf.Tensor) };
  },
};

export const gradients = [forward, backward] as const;
