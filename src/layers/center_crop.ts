/** Crop of the centre of images to a given size. No weights. */
import type * as tf from '@tensorflow/tfjs';
import { checkInteger } from '../errors.js';
import { LONGEST_AXIS } from '../kernel/geometry.js';
import { centreCropOf, cropTo, describeCrop } from './crop_size.js';
import type { LayerDescription } from './description.js';
import { ImageLayer, type ImageLayerArgs, type Images, type OutputSize } from './image_layer.js';

/** Arguments of {@link CenterCrop}. */
export interface CenterCropArgs extends ImageLayerArgs {
  /** Output height, in pixels. */
  height: number;
  /** Output width, in pixels. */
  width: number;
}

/**
 * Crops images to their centre. Of an image that is smaller than the output along an axis, the largest centred window of the
 * output's aspect ratio is resized, with bilinear interpolation.
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for a value out of range
 * @see keras.layers.CenterCrop; `tf.layers.centerCrop` resizes without regard to the aspect ratio
 * @example
 * ```ts
 * const layer = conv.layers.centerCrop({ height: 1, width: 2 });
 * const y = layer.apply(tf.tensor4d([1, 2, 3, 4, 5], [1, 1, 5, 1])) as tf.Tensor;
 * console.log(y.flatten().arraySync()); // [2, 3]
 * ```
 */
export class CenterCrop extends ImageLayer {
  static override readonly className: string = 'Convolutions>CenterCrop';

  readonly height: number;
  readonly width: number;

  constructor(args: CenterCropArgs) {
    super(args);
    this.height = checkInteger(this.action, 'height', args.height, 1, LONGEST_AXIS);
    this.width = checkInteger(this.action, 'width', args.width, 1, LONGEST_AXIS);
    this.checkOptions(args);
  }

  describe(inputShapes: readonly tf.Shape[]): LayerDescription {
    const size = this.imageSize(inputShapes);
    const target = [this.height, this.width] as const;
    return describeCrop(centreCropOf([size.inHeight, size.inWidth], target), target, size);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { height: this.height, width: this.width, ...super.getConfig() };
  }

  protected override compute([x]: Images): tf.Tensor4D {
    const target = [this.height, this.width] as const;
    return cropTo(x, centreCropOf([x.shape[1], x.shape[2]], target), target);
  }

  protected override outputSize(_height: number | null, _width: number | null, channels: number): OutputSize {
    return [this.height, this.width, channels];
  }
}
