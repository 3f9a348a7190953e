/** Random changes of contrast in training. No weights. */
import * as tf from '@tensorflow/tfjs';
import { between, type Factor } from './augmentation_layer.js';
import { RecolorLayer, type RecolorArgs } from './recolor_layer.js';

/** Arguments of {@link RandomContrast}. */
export interface RandomContrastArgs extends RecolorArgs {
  /**
   * Limit of the change, from 0 to 1: differences from the mean are scaled by 1 − factor to 1 + factor, or by 1 − lower to
   * 1 + upper for [lower, upper].
   */
  factor: Factor;
}

/**
 * Scales the difference of each pixel from the mean of its channel by a random number for each image in training mode, and
 * clips the results; returns its input in inference mode.
 *
 * One number means lower and upper alike, as Keras documents; Keras 3.15 itself takes 0 for lower then.
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for a value out of range
 * @see keras.layers.RandomContrast
 * @example
 * ```ts
 * const layer = conv.layers.randomContrast({ factor: [0, 1], seed: 1 });
 * const y = layer.apply(tf.tensor4d([99, 101], [1, 1, 2, 1]), { training: true }) as tf.Tensor;
 * console.log(y.max().sub(y.min()).arraySync() > 2); // true
 * ```
 */
export class RandomContrast extends RecolorLayer {
  static override readonly className: string = 'Convolutions>RandomContrast';

  constructor(args: RandomContrastArgs) {
    super(args, { from: 0, to: 1 });
  }

  protected override augment(x: tf.Tensor4D): tf.Tensor4D {
    const [lower, upper] = this.limits;
    const scale = between(this.uniform(x.shape[0], 1), [1 - Math.abs(lower), 1 + upper]);
    const mean = tf.mean(x, [1, 2], true);
    return this.clip(tf.add(tf.mul(tf.sub(x, mean), tf.reshape(scale, [-1, 1, 1, 1])), mean));
  }
}
