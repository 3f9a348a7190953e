/** Hard swish, x · relu6(x + 3) / 6, with a single-step gradient. */
import * as tf from '@tensorflow/tfjs';

/** Saves only `x` for the gradient, whereas the chain of operators would save four tensors of its size. */
export const hardSwish = tf.customGrad((x, save) => {
  const input = x as tf.Tensor;
  (save as tf.GradSaveFunc)([input]);
  return {
    value: tf.mul(input, tf.mul(tf.relu6(tf.add(input, 3)), 1 / 6)),
    gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(dy, slope(saved[0]!)),
  };
});

/** Derivative: x / 3 + 1/2 between −3 and 3, 0 below and 1 above. */
function slope(x: tf.Tensor): tf.Tensor {
  return tf.where(tf.less(tf.abs(x), 3), tf.add(tf.mul(x, 1 / 3), 0.5), tf.step(x));
}
