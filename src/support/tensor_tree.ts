/** Tensors in lists and objects. */
import * as tf from '@tensorflow/tfjs';

/** Tests for a tensor of any rank. */
export function isTensor(value: unknown): value is tf.Tensor {
  return value instanceof tf.Tensor;
}

/** Tests for a variable of any rank. */
export function isVariable(value: unknown): value is tf.Variable {
  return value instanceof tf.Variable;
}

/** Returns the tensors of a tree in order; anything else at a leaf is left out. */
export function tensorsIn(tree: unknown): tf.Tensor[] {
  if (isTensor(tree)) return [tree];
  return typeof tree === 'object' && tree !== null ? Object.values(tree).flatMap(tensorsIn) : [];
}
