/** Random flips of images in training. No weights. */
import * as tf from '@tensorflow/tfjs';
import { checkOneOf } from '../errors.js';
import { AugmentationLayer, type AugmentationArgs } from './augmentation_layer.js';

const MODES = ['horizontal', 'vertical', 'horizontalAndVertical'] as const;

/** Arguments of {@link RandomFlip}. */
export interface RandomFlipArgs extends AugmentationArgs {
  /** Axes to flip: `'horizontal'` swaps left and right. @default 'horizontalAndVertical' */
  mode?: (typeof MODES)[number];
}

/**
 * Flips half of the images in training mode; returns its input in inference mode. An image is flipped along both axes or
 * not at all with `'horizontalAndVertical'`, as in Keras; two layers, one for each axis, flip them independently.
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for a value out of range
 * @see keras.layers.RandomFlip
 * @example
 * ```ts
 * const layer = conv.layers.randomFlip({ mode: 'horizontal', seed: 2 });
 * const y = layer.apply(tf.tensor4d([1, 2, 3], [1, 1, 3, 1]), { training: true }) as tf.Tensor;
 * console.log(y.flatten().arraySync()); // [3, 2, 1]
 * ```
 */
export class RandomFlip extends AugmentationLayer {
  static override readonly className: string = 'Convolutions>RandomFlip';

  readonly mode: (typeof MODES)[number];

  constructor(args: RandomFlipArgs = {}) {
    super(args);
    this.mode = checkOneOf(this.action, 'mode', args.mode ?? 'horizontalAndVertical', MODES);
    this.checkOptions(args);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { mode: this.mode, ...super.getConfig() };
  }

  protected override augment(x: tf.Tensor4D): tf.Tensor4D {
    const axes = { horizontal: [2], vertical: [1], horizontalAndVertical: [1, 2] }[this.mode];
    const isFlipped = tf.less(this.uniform(x.shape[0], 1), 0.5);
    return tf.where(tf.reshape(isFlipped, [-1, 1, 1, 1]), tf.reverse(x, axes), x);
  }
}
