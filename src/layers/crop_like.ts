/** Layer that crops an image to the size of another one. No weights. */
import * as tf from '@tensorflow/tfjs';
import { rangeError } from '../errors.js';
import { POINTWISE_WINDOW, type LayerDescription } from './description.js';
import type { ImageLayerArgs, Images } from './image_layer.js';
import { LikeLayer, SIZE_WINDOW } from './like_layer.js';

/** Arguments of {@link CropLike}. */
export type CropLikeArgs = ImageLayerArgs;

/**
 * Crops the first input at the bottom and right to the height and width of the second. This removes the extra row or
 * column that a transposed convolution of stride 2 gives if the downsampled image had an odd size.
 *
 * @throws TypeError for an unknown option, a wrong type or a single input; RangeError if the first input is smaller
 * @see Ronneberger et al., "U-Net" (2015), Figure 1, which crops the encoder's side instead
 * @example
 * ```ts
 * const layer = conv.layers.cropLike();
 * const y = layer.apply([tf.ones([1, 8, 8, 4]), tf.ones([1, 7, 8, 3])]);
 * console.log(y.shape); // [1, 7, 8, 4]
 * ```
 */
export class CropLike extends LikeLayer {
  static override readonly className: string = 'Convolutions>CropLike';
  static override readonly dtypes: readonly tf.DataType[] = ['float32', 'int32', 'bool'];

  constructor(args: CropLikeArgs = {}) {
    super(args);
    this.checkOptions(args);
  }

  describe(): LayerDescription {
    return { windows: [POINTWISE_WINDOW, SIZE_WINDOW] };
  }

  protected override compute([x, like]: Images): tf.Tensor4D {
    const [, height, width] = like!.shape;
    if (x.shape[1] < height || x.shape[2] < width) {
      throw rangeError(this.action, `the first input must be at least ${height}×${width}`, 'size', x.shape.slice(1, 3));
    }
    return tf.slice(x, [0, 0, 0, 0], [-1, height, width, -1]);
  }
}
