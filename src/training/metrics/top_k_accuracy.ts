/** Accuracy among the k most probable classes. */
import * as tf from '@tensorflow/tfjs';
import { checkInteger } from '../../errors.js';

/**
 * Value of a batch, for `Trainer` and `model.compile`.
 *
 * @param truth one-hot classes, float32, [batch, classes]
 * @param prediction probabilities or logits of the same shape
 * @returns a number, or one for each example, whose mean is meant
 */
export type Metric = (truth: tf.Tensor, prediction: tf.Tensor) => tf.Tensor;

/**
 * Creates the metric that is 1 where the true class is among the k highest predictions, and 0 elsewhere: classes with the
 * same prediction as the true one do not rank before it.
 *
 * @param k number of predictions, at least 1
 * @throws TypeError or RangeError if k is not an integer of at least 1
 * @example
 * ```ts
 * import { metrics } from 'tfjs-convolutions/training';
 *
 * const [truth, prediction] = [tf.tensor2d([[0, 0, 1]]), tf.tensor2d([[0.5, 0.2, 0.3]])];
 * console.log([1, 2].map((k) => metrics.topKAccuracy(k)(truth, prediction).dataSync()[0])); // [0, 1]
 * ```
 */
export function topKAccuracy(k: number): Metric {
  checkInteger('compute the top-k accuracy', 'k', k, 1);
  return (truth, prediction) =>
    tf.tidy(() => {
      const own = tf.sum(tf.mul(truth, prediction), -1, true);
      const before = tf.sum(tf.cast(tf.greater(prediction, own), 'float32'), -1);
      return tf.cast(tf.less(before, k), 'float32');
    });
}
