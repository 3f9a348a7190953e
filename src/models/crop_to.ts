/** What undoes a halving that rounded up. */
import type * as tf from '@tensorflow/tfjs';
import { layers } from '../layers/registry.js';
import { join } from './blocks.js';

/** `x`, which is at most one row and column too large, at the size of `like`; itself where both are known and equal. */
export function cropTo(like: tf.SymbolicTensor, x: tf.SymbolicTensor, name: string): tf.SymbolicTensor {
  const isSame = [1, 2].every((axis) => typeof x.shape[axis] === 'number' && x.shape[axis] === like.shape[axis]);
  return isSame ? x : join(layers.cropLike({ name: `${name}_crop` }), [x, like]);
}
