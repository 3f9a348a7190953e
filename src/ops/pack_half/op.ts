/** Tensors in half precision: two halves in each int32 word. */
import type * as tf from '@tensorflow/tfjs';
import { rangeError } from '../../errors.js';
import { checkTensor } from '../checks.js';
import { runKernelSingle } from '../run_kernel.js';
import { PACK_HALF, UNPACK_HALF } from './kernels.js';

const RANKS = [1, 2, 3, 4, 5, 6] as const;

/**
 * Stores a tensor in half precision: half the bytes, for operands and results of convolutions with
 * `precision: 'half'`. Each int32 holds two neighbours along the last axis, the first in its low 16 bits.
 *
 * Values are rounded to the nearest half, ties to even: an error of at most 2⁻¹¹ of the value, or 2⁻²⁵ if that is more.
 * Finite values beyond ±65504 become ±65504; NaN and infinities stay. The bits are the same on every backend. Not
 * differentiable: half precision is for inference.
 *
 * @param x [..., 2·c], float32
 * @returns [..., c], int32; for the filter of a depthwise convolution, first reshape it to [kh, kw, channels · multiplier]
 * @throws TypeError for a wrong kind or dtype; RangeError for an odd last axis
 * @see IEEE 754-2019, binary16
 * @example
 * ```ts
 * const packed = conv.packHalf(tf.tensor1d([1, 1 / 3, 70000, -2]));
 * console.log(packed.shape); // [2]
 * console.log(conv.unpackHalf(packed).arraySync()); // [1, 0.333251953125, 65504, -2]
 * ```
 */
export function packHalf<T extends tf.Tensor>(x: T): T {
  const action = 'run packHalf';
  const { shape } = checkTensor(action, 'x', x, RANKS, 'float32');
  if (shape.at(-1)! % 2 !== 0) throw rangeError(action, 'the last axis of x must be even', 'x.shape', shape);
  return runKernelSingle(action, PACK_HALF.forward, { x }, {}) as T;
}

/**
 * Restores the values of {@link packHalf}, exactly; on webgpu, a device may take those below 2⁻¹⁴ as 0.
 *
 * @param x [..., c], int32
 * @returns [..., 2·c], float32
 * @throws TypeError for a wrong kind or dtype
 * @example
 * ```ts
 * const y = conv.unpackHalf(conv.packHalf(tf.tensor2d([[0.1, 2]])));
 * console.log(y.arraySync()); // [[0.0999755859375, 2]]
 * ```
 */
export function unpackHalf<T extends tf.Tensor>(x: T): T {
  const action = 'run unpackHalf';
  checkTensor(action, 'x', x, RANKS, 'int32');
  return runKernelSingle(action, UNPACK_HALF.forward, { x }, {}) as T;
}
