/** A learning rate of its own for a part of a layer: the identity, whose gradient is scaled. */
import * as tf from '@tensorflow/tfjs';

/**
 * `x` itself, with its gradient multiplied by `factor`.
 *
 * Plain gradient descent, with or without momentum, then moves `x` at `factor` times its learning rate; optimizers that
 * divide by the size of the gradient (Adam, RMSProp) undo the factor.
 */
export function scaleGradient<T extends tf.Tensor>(x: T, factor: number): T {
  if (factor === 1) return x;
  return tf.customGrad((value) => ({
    value: tf.clone(value as T),
    gradFunc: (dy: T) => tf.mul(dy, factor),
  }))(x);
}
