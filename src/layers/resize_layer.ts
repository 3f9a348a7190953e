/** Base class of layers that resize images to a size that does not depend on another input. No weights. */
import type * as tf from '@tensorflow/tfjs';
import { checkOneOf } from '../errors.js';
import { resizeBilinear } from '../ops/resize_bilinear/op.js';
import { resizeNearest } from '../ops/resize_nearest/op.js';
import { bilinearReads, nearestReads, repeatedReads, type AxisReads } from './axis_reads.js';
import type { LayerDescription } from './description.js';
import { ImageLayer, type ImageLayerArgs, type Images, type OutputSize } from './image_layer.js';
import { readingWindow } from './reading_window.js';

export const INTERPOLATIONS = ['nearest', 'bilinear'] as const;

/**
 * Interpolation between pixels, with half-pixel centres.
 *
 * @useDeclaredType
 */
export type Interpolation = (typeof INTERPOLATIONS)[number];

/** Arguments of every resizing layer. */
export interface ResizeLayerArgs extends ImageLayerArgs {
  interpolation?: Interpolation;
}

/** Layer that resizes images to a size that follows from its input alone. */
export abstract class ResizeLayer extends ImageLayer {
  readonly interpolation: Interpolation;

  constructor(args: ResizeLayerArgs, interpolation: Interpolation) {
    super(args);
    this.interpolation = checkOneOf(this.action, 'interpolation', args.interpolation ?? interpolation, INTERPOLATIONS);
  }

  describe(inputShapes: readonly tf.Shape[]): LayerDescription {
    const { inHeight, inWidth, inChannels } = this.imageSize(inputShapes);
    const [height, width] = this.outputSize(inHeight, inWidth, inChannels) as [number, number, number];
    const bilinear = this.interpolation === 'bilinear';
    const along = (from: number, to: number): AxisReads => {
      if (!bilinear) return nearestReads(from, to);
      return from === 1 ? repeatedReads(to) : bilinearReads(from, to, true);
    };
    return {
      otherOps: { sampling: bilinear ? height * width * inChannels : 0 },
      windows: [readingWindow(along(inHeight, height), along(inWidth, width))],
    };
  }

  protected abstract override outputSize(height: number | null, width: number | null, channels: number): OutputSize;

  protected override compute([x]: Images): tf.Tensor4D {
    const [height, width] = this.outputSize(x.shape[1], x.shape[2], x.shape[3]) as [number, number, number];
    return this.interpolation === 'bilinear' ? resizeBilinear(x, [height, width]) : resizeNearest(x, [height, width]);
  }
}
