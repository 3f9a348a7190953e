/** Random changes of brightness in training. No weights. */
import * as tf from '@tensorflow/tfjs';
import { AugmentationLayer, between, factorConfig, readFactor, readLimits, type Factor } from './augmentation_layer.js';
import type { AugmentationArgs } from './augmentation_layer.js';

/** Arguments of {@link RandomBrightness}. */
export interface RandomBrightnessArgs extends AugmentationArgs {
  /** Limit of the change, as a fraction of the range of values, from −1 to 1: −factor to factor, or [lower, upper]. */
  factor: Factor;
  /** Smallest and largest value of a pixel, to which the results are clipped. @default [0, 255] */
  valueRange?: readonly [number, number];
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
export class RandomBrightness extends AugmentationLayer {
  static override readonly className: string = 'Convolutions>RandomBrightness';

  readonly factor: Factor;
  readonly valueRange: readonly [number, number];
  private readonly limits: readonly [number, number];

  constructor(args: RandomBrightnessArgs) {
    super(args);
    this.limits = readFactor(this.action, 'factor', args.factor, { from: -1, to: 1 });
    this.factor = args.factor;
    this.valueRange = readLimits(this.action, 'valueRange', args.valueRange ?? [0, 255]);
    this.checkOptions(args);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { factor: factorConfig(this.factor), valueRange: [...this.valueRange], ...super.getConfig() };
  }

  protected override augment(x: tf.Tensor4D): tf.Tensor4D {
    const [low, high] = this.valueRange;
    const shift = tf.mul(between(this.uniform(x.shape[0], 1), this.limits), high - low);
    return tf.clipByValue(tf.add(x, tf.reshape(shift, [-1, 1, 1, 1])), low, high);
  }
}
