/** A tensor's values under another tensor, without a copy on any backend: the host's `clone` copies on wasm. */
import type * as tf from '@tensorflow/tfjs';
import { runKernel1 } from '../run_kernel.js';
import { IDENTITY } from './names.js';

/**
 * The same values. Differentiable, to any order.
 *
 * @param x any shape and dtype
 */
export function identity<T extends tf.Tensor>(x: T): T {
  return runKernel1('run identity', IDENTITY.forward, { x }, {}) as T;
}
