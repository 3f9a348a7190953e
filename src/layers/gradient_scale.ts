/** Learning rate multiplier for part of a layer: the identity with a scaled gradient. */
import * as tf from '@tensorflow/tfjs';

/**
 * Returns `x` with its gradient multiplied by `factor`.
 *
 * Under plain gradient descent, with or without momentum, this multiplies the learning rate of `x` by `factor`;
 * optimizers that normalise gradients (Adam, RMSProp) undo it.
 */
export function scaleGradient<T extends tf.Tensor>(x: T, factor: number): T {
  if (factor === 1) return x;
  return tf.customGrad((value) => ({
    value: tf.clone(value as T),
    gradFunc: (dy: T) => tf.mul(dy, factor),
  }))(x);
}
