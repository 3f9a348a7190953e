/** The top left of an image, as large as another image, as a layer. No weights. */
import * as tf from '@tensorflow/tfjs';
import { rangeError } from '../errors.js';
import { POINTWISE_WINDOW, type LayerDescription } from './description.js';
import type { ImageLayerArgs, Images } from './image_layer.js';
import { LikeLayer, SIZE_WINDOW } from './like_layer.js';

/** Arguments of {@link CropLike}. */
export type CropLikeArgs = ImageLayerArgs;

/**
 * The first input without its last rows and columns, at the height and width of the second: what a transposed convolution
 * of stride 2 has too much where the image that was halved had an odd size.
 *
 * @throws TypeError for an unknown option or a wrong kind, and for one input alone; RangeError where the first input is
 * smaller
 * @see Ronneberger et al., "U-Net" (2015), Figure 1, which crops the other side
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
