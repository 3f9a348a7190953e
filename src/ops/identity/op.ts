/**
 * A new tensor that shares the values of another, without a copy on any backend: `clone` of TensorFlow.js copies on
 * wasm.
 */
import type * as tf from '@tensorflow/tfjs';
import { runKernelSingle } from '../run_kernel.js';
import { IDENTITY } from './kernels.js';

/**
 * Returns a tensor with the same values. Differentiable to any order.
 *
 * @param x any shape and dtype
 */
export function identity<T extends tf.Tensor>(x: T): T {
  return runKernelSingle('run identity', IDENTITY.forward, { x }, {}) as T;
}
