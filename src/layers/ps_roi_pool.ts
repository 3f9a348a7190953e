/** Position-sensitive RoI pooling as a layer. No weights. */
import type * as tf from '@tensorflow/tfjs';
import { toPair, type Pair } from '../kernel/geometry.js';
import { psRoiPool } from '../ops/ps_roi_pool/op.js';
import { RoILayer, type Regions, type RoILayerArgs } from './roi_layer.js';

/** Arguments of {@link PSRoIPool}. */
export interface PSRoIPoolArgs extends RoILayerArgs {
  /** Bins of a box, a number or [height, width]. */
  outputSize: Pair;
}

/**
 * Features of every box on a grid of bins, each the mean of whole pixels of channels of its own: output channel c of bin
 * (i, j) reads input channel (c · outHeight + i) · outWidth + j.
 *
 * Inputs: features [n, h, w, channels · outHeight · outWidth], boxes [k, 4] as (y1, x1, y2, x2), and the image of each box, boxIndices
 * [k] or [k, 1], int32. Output: [k, height, width, channels]. A model of it is called with `apply`, or predicts with a
 * `batchSize` that leaves the batch whole: boxes and images are then not cut apart. No gradient goes to the boxes.
 *
 * @throws TypeError for an unknown option or a wrong kind; RangeError for a value out of range or shapes that do not fit
 * @see Dai et al., "R-FCN" (2016), section 2; torchvision.ops.PSRoIPool
 * @example
 * ```ts
 * const layer = conv.layers.psRoiPool({ outputSize: 2 });
 * const y = layer.apply([tf.ones([1, 8, 8, 8]), tf.tensor2d([[0, 0, 6, 6]]), tf.tensor1d([0], 'int32')]);
 * console.log(y.shape); // [1, 2, 2, 2]
 * ```
 */
export class PSRoIPool extends RoILayer {
  static override readonly className: string = 'Convolutions>PSRoIPool';

  protected readonly bins: readonly [number, number];

  constructor(args: PSRoIPoolArgs) {
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
    return psRoiPool(x, boxes, boxIndices, { outputSize: bins, spatialScale });
  }

  protected override outputChannels(inChannels: number): number {
    return this.positionSensitive(inChannels, this.bins[0] * this.bins[1]);
  }
}
