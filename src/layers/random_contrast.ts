/** Random changes of contrast in training. No weights. */
import * as tf from '@tensorflow/tfjs';
import { AugmentationLayer, between, factorConfig, readFactor, readLimits, type Factor } from './augmentation_layer.js';
import type { AugmentationArgs } from './augmentation_layer.js';

/** Arguments of {@link RandomContrast}. */
export interface RandomContrastArgs extends AugmentationArgs {
  /**
   * Limit of the change, from 0 to 1: differences from the mean are scaled by 1 − factor to 1 + factor, or by 1 − lower to
   * 1 + upper for [lower, upper].
   */
  factor: Factor;
  /** Smallest and largest value of a pixel, to which the results are clipped. @default [0, 255] */
  valueRange?: readonly [number, number];
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
export class RandomContrast extends AugmentationLayer {
  static override readonly className: string = 'Convolutions>RandomContrast';

  readonly factor: Factor;
  readonly valueRange: readonly [number, number];
  private readonly limits: readonly [number, number];

  constructor(args: RandomContrastArgs) {
    super(args);
    const [lower, upper] = readFactor(this.action, 'factor', args.factor, { from: 0, to: 1 });
    this.factor = args.factor;
    this.limits = [1 - Math.abs(lower), 1 + upper];
    this.valueRange = readLimits(this.action, 'valueRange', args.valueRange ?? [0, 255]);
    this.checkOptions(args);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { factor: factorConfig(this.factor), valueRange: [...this.valueRange], ...super.getConfig() };
  }

  protected override augment(x: tf.Tensor4D): tf.Tensor4D {
    const scale = tf.reshape(between(this.uniform(x.shape[0], 1), this.limits), [-1, 1, 1, 1]);
    const mean = tf.mean(x, [1, 2], true);
    const [low, high] = this.valueRange;
    return tf.clipByValue(tf.add(tf.mul(tf.sub(x, mean), scale), mean), low, high);
  }
}
