/** Random crops of images in training. No weights. */
import * as tf from '@tensorflow/tfjs';
import { checkInteger } from '../errors.js';
import { LONGEST_AXIS } from '../kernel/geometry.js';
import { AugmentationLayer, type AugmentationArgs } from './augmentation_layer.js';
import { cropTo, describeCrop, fits, largestOf, type Size } from './crop_size.js';
import type { LayerDescription } from './description.js';
import type { CallArgs, Images, OutputSize } from './image_layer.js';

/** Arguments of {@link RandomCrop}. */
export interface RandomCropArgs extends AugmentationArgs {
  /** Output height, in pixels. */
  height: number;
  /** Output width, in pixels. */
  width: number;
}

/**
 * Crops the images of a batch at one random position in training mode. In inference mode, and if an image is smaller than the
 * output, the largest centred window of the output's aspect ratio is resized, with bilinear interpolation, as Keras documents;
 * in inference mode, Keras 3.15 itself returns the whole image.
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for a value out of range
 * @see keras.layers.RandomCrop
 * @example
 * ```ts
 * const layer = conv.layers.randomCrop({ height: 2, width: 2 });
 * console.log((layer.apply(tf.ones([3, 8, 9, 1]), { training: true }) as tf.Tensor).shape); // [3, 2, 2, 1]
 * ```
 */
export class RandomCrop extends AugmentationLayer {
  static override readonly className: string = 'Convolutions>RandomCrop';

  readonly height: number;
  readonly width: number;

  constructor(args: RandomCropArgs) {
    super(args);
    this.height = checkInteger(this.action, 'height', args.height, 1, LONGEST_AXIS);
    this.width = checkInteger(this.action, 'width', args.width, 1, LONGEST_AXIS);
    this.checkOptions(args);
  }

  override describe(inputShapes: readonly tf.Shape[]): LayerDescription {
    const size = this.imageSize(inputShapes);
    return describeCrop(largestOf([size.inHeight, size.inWidth], this.size), this.size, size);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { height: this.height, width: this.width, ...super.getConfig() };
  }

  protected override compute([x]: Images, call: CallArgs): tf.Tensor4D {
    const image = [x.shape[1], x.shape[2]] as const;
    if (call['training'] === true && fits(image, this.size)) return this.augment(x);
    return cropTo(x, largestOf(image, this.size), this.size);
  }

  protected override augment(x: tf.Tensor4D): tf.Tensor4D {
    return tf.split(this.uniform(1, 2), 2, 1).reduce<tf.Tensor4D>((image, uniform, index) => {
      const [axis, size] = [index + 1, this.size[index]!];
      const slack = x.shape[axis]! - size;
      // The product may be rounded up to slack + 1.
      const start = tf.minimum(tf.floor(tf.mul(uniform, slack + 1)), slack);
      const positions = tf.add(tf.reshape(start, [1]), tf.range(0, size));
      return tf.gather(image, tf.cast(positions, 'int32'), axis);
    }, x);
  }

  protected override outputSize(_height: number | null, _width: number | null, channels: number): OutputSize {
    return [...this.size, channels];
  }

  private get size(): Size {
    return [this.height, this.width];
  }
}
