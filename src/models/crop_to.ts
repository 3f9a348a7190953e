/** Cropping after upsampling a feature map whose size was rounded up when it was halved. */
import type * as tf from '@tensorflow/tfjs';
import { layers } from '../layers/registry.js';
import { join } from './blocks.js';

/**
 * Crops `x`, which is at most one row and column too large, to the size of `like`; returns `x` if both sizes are known
 * and equal.
 */
export function cropTo(like: tf.SymbolicTensor, x: tf.SymbolicTensor, name: string): tf.SymbolicTensor {
  const isSame = [1, 2].every((axis) => typeof x.shape[axis] === 'number' && x.shape[axis] === like.shape[axis]);
  return isSame ? x : join(layers.cropLike({ name: `${name}_crop` }), [x, like]);
}
