/**
 * A bias for every position of x [..., channels], and its gradient, which every convolution has. The host's own operators
 * would compile a program for every size on WebGL, and sum strided on the others.
 */
import * as tf from '@tensorflow/tfjs';
import type { Action } from '../../errors.js';
import { runKernel1 } from '../run_kernel.js';
import { BIAS_ADD, type BiasAddAttributes } from './names.js';

/** x + bias. Differentiable in both, to any order. */
export function biasAdd<T extends tf.Tensor>(action: Action, x: T, bias: tf.Tensor): T {
  const attributes: BiasAddAttributes = { shape: x.shape };
  return runKernel1(action, BIAS_ADD.forward, { x, bias }, attributes) as T;
}

/** The gradient of a bias that was added to every position of y: the sum of dy [..., channels] over them. */
export function biasGradient(action: Action, dy: tf.Tensor): tf.Tensor1D {
  const attributes: BiasAddAttributes = { shape: dy.shape };
  return runKernel1(action, BIAS_ADD.backward, { dy }, attributes) as tf.Tensor1D;
}
