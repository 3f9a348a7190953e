/** Random changes of brightness in training. No weights. */
import * as tf from '@tensorflow/tfjs';
import { between, type Factor } from './augmentation_layer.js';
import { RecolorLayer, type RecolorArgs } from './recolor_layer.js';

/** Arguments of {@link RandomBrightness}. */
export interface RandomBrightnessArgs extends RecolorArgs {
  /** Limit of the change, as a fraction of the range of values, from −1 to 1: −factor to factor, or [lower, upper]. */
  factor: Factor;
}

/**
 * Adds a random number for each image to its pixels in training mode, and clips the results; returns its input in inference
 * mode.
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for a value out of range
 * @see keras.layers.RandomBrightness
 * @example
 * ```ts
 * const layer = conv.layers.randomBrightness({ factor: [0.1, 0.1] });
 * const y = layer.apply(tf.tensor4d([0, 200, 250], [1, 1, 3, 1]), { training: true }) as tf.Tensor;
 * console.log(y.flatten().arraySync()); // [25.5, 225.5, 255]
 * ```
 */
export class RandomBrightness extends RecolorLayer {
  static override readonly className: string = 'Convolutions>RandomBrightness';

  constructor(args: RandomBrightnessArgs) {
    super(args, { from: -1, to: 1 });
  }

  protected override augment(x: tf.Tensor4D): tf.Tensor4D {
    const [low, high] = this.valueRange;
    const shift = tf.mul(between(this.uniform(x.shape[0], 1), this.limits), high - low);
    return this.clip(tf.add(x, tf.reshape(shift, [-1, 1, 1, 1])));
  }
}
