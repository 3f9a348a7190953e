/** Dice loss for segmentation: F. Milletari et al., "V-Net", arXiv 1606.04797. */
import { described } from '../description.js';
import * as tf from '@tensorflow/tfjs';
import { checkPair, type Loss } from './loss.js';

const ACTION = 'compute the Dice loss';
const EPSILON = 1e-7;

/**
 * Creates the loss 1 − 2 · Σ truth · prediction / (Σ truth + Σ prediction), one number for each example: the values of
 * Keras's `Dice` over all axes but the first.
 *
 * @throws the loss: RangeError if shapes differ
 * @see Milletari et al., "V-Net" (2016), section 3
 * @example
 * ```ts
 * import { losses } from 'tfjs-convolutions/training';
 *
 * const mask = tf.tensor4d([1, 0, 0, 1], [1, 1, 2, 2]);
 * console.log(losses.dice()(mask, mask).dataSync()[0]); // 0
 * ```
 */
export function dice(): Loss {
  return described('dice', {}, (truth, prediction) => {
    checkPair(ACTION, truth, prediction);
    return tf.tidy(() => {
      const [batch = 1] = truth.shape;
      const sum = (x: tf.Tensor): tf.Tensor => tf.sum(tf.reshape(x, [batch, -1]), -1);
      const common = tf.mul(sum(tf.mul(truth, prediction)), 2);
      const all = tf.add(sum(truth), sum(prediction));
      return tf.sub(1, tf.div(tf.add(common, EPSILON), tf.add(all, EPSILON)));
    });
  });
}
