/** Bilinear resizing layer with gradients for every size and on every backend. No weights. */
import type * as tf from '@tensorflow/tfjs';
import { resizeBilinear } from '../ops/resize_bilinear/op.js';
import { bilinearReads, repeatedReads, type AxisReads } from './axis_reads.js';
import type { LayerDescription } from './description.js';
import { toLastShape, type ImageLayerArgs, type Images } from './image_layer.js';
import { LikeLayer, SIZE_WINDOW } from './like_layer.js';
import { readingWindow } from './reading_window.js';

/** Arguments of {@link ResizeBilinear}. */
export type ResizeBilinearArgs = ImageLayerArgs;

/**
 * Resizes the first input to the height and width of the second, bilinearly with half-pixel centres: decoder features
 * to the size of the encoder features that they join, scores to the size of the image, whatever that is.
 *
 * @throws TypeError for an unknown option, a wrong type or a single input
 * @see Chen et al., "Encoder-Decoder with Atrous Separable Convolution" (2018), section 3.1
 * @example
 * ```ts
 * const layer = conv.layers.resizeBilinear();
 * const y = layer.apply([tf.ones([1, 3, 4, 8]), tf.ones([1, 9, 13, 3])]);
 * console.log(y.shape); // [1, 9, 13, 8]
 * ```
 */
export class ResizeBilinear extends LikeLayer {
  static override readonly className: string = 'Convolutions>ResizeBilinear';

  constructor(args: ResizeBilinearArgs = {}) {
    super(args);
    this.checkOptions(args);
  }

  describe(inputShapes: readonly tf.Shape[]): LayerDescription {
    const [x, like] = inputShapes.map((shape) => toLastShape(this.action, shape, this.dataFormat) as number[]);
    const along = (axis: 1 | 2): AxisReads => {
      const [from, to] = [x![axis]!, like![axis]!];
      return from === 1 ? repeatedReads(to) : bilinearReads(from, to, true);
    };
    return {
      otherOps: { sampling: like![1]! * like![2]! * x![3]! },
      windows: [readingWindow(along(1), along(2)), SIZE_WINDOW],
    };
  }

  protected override compute([x, like]: Images): tf.Tensor4D {
    return resizeBilinear(x, [like!.shape[1], like!.shape[2]]);
  }
}
