/**
 * Adds a bias at every position of x [..., channels], and computes its gradient, for every convolution. The operators
 * of TensorFlow.js would compile a program per size on WebGL, and sum with strides on the other backends.
 */
import * as tf from '@tensorflow/tfjs';
import type { Action } from '../../errors.js';
import { runKernelSingle } from '../run_kernel.js';
import { BIAS_ADD, type BiasAddAttributes } from './kernels.js';

/** Returns x + bias. Differentiable in both, to any order. */
export function biasAdd<T extends tf.Tensor>(action: Action, x: T, bias: tf.Tensor): T {
  const attributes: BiasAddAttributes = { shape: x.shape };
  return runKernelSingle(action, BIAS_ADD.forward, { x, bias }, attributes) as T;
}

/** Gradient of a bias that was added at every position: the sum of dy [..., channels] over the positions. */
export function biasGradient(action: Action, dy: tf.Tensor): tf.Tensor1D {
  const attributes: BiasAddAttributes = { shape: dy.shape };
  return runKernelSingle(action, BIAS_ADD.backward, { dy }, attributes) as tf.Tensor1D;
}
