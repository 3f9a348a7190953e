/** RoI max pooling layer. No weights. */
import type * as tf from '@tensorflow/tfjs';
import { toPair, type Pair } from '../kernel/geometry.js';
import { roiPool } from '../ops/roi_pool/op.js';
import { RoILayer, type Regions, type RoILayerArgs } from './roi_layer.js';

/** Arguments of {@link RoIPool}. */
export interface RoIPoolArgs extends RoILayerArgs {
  /** Number of bins of a box, a number or [height, width]. */
  outputSize: Pair;
}

/**
 * Pools every box on a grid of bins; each bin takes the maximum of its whole pixels.
 *
 * Inputs: features [n, h, w, channels], boxes [k, 4] as (y1, x1, y2, x2), and the image index of each box, boxIndices
 * [k] or [k, 1], int32. Output: [k, height, width, channels]. Call a model with this layer through `apply`, or predict
 * with a `batchSize` that covers the whole batch: otherwise boxes and images are split apart. The boxes receive no
 * gradient.
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for a value out of range or incompatible shapes
 * @see Girshick, "Fast R-CNN" (2015), section 2.1; torchvision.ops.RoIPool
 * @example
 * ```ts
 * const layer = conv.layers.roiPool({ outputSize: 2 });
 * const y = layer.apply([tf.ones([1, 8, 8, 3]), tf.tensor2d([[0, 0, 6, 6]]), tf.tensor1d([0], 'int32')]);
 * console.log(y.shape); // [1, 2, 2, 3]
 * ```
 */
export class RoIPool extends RoILayer {
  static override readonly className: string = 'Convolutions>RoIPool';

  protected readonly bins: readonly [number, number];

  constructor(args: RoIPoolArgs) {
    super(args);
    this.bins = toPair(this.action, 'outputSize', args.outputSize, 1);
    this.checkOptions(args);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { outputSize: [...this.bins], ...super.getConfig() };
  }

  protected override get samples(): number {
    return 1;
  }

  protected override pool({ x, boxes, boxIndices }: Regions): tf.Tensor4D {
    const { bins, spatialScale } = this;
    return roiPool(x, boxes, boxIndices, { outputSize: bins, spatialScale });
  }

  protected override outputChannels(inChannels: number): number {
    return inChannels;
  }
}
