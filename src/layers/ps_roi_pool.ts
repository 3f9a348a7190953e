/** Position-sensitive RoI pooling layer. No weights. */
import type * as tf from '@tensorflow/tfjs';
import { toPair, type Pair } from '../kernel/geometry.js';
import { psRoiPool } from '../ops/ps_roi_pool/op.js';
import { RoILayer, type Regions, type RoILayerArgs } from './roi_layer.js';

/** Arguments of {@link PSRoIPool}. */
export interface PSRoIPoolArgs extends RoILayerArgs {
  /** Number of bins of a box, a number or [height, width]. */
  outputSize: Pair;
}

/**
 * Pools every box on a grid of bins. Each bin averages the whole pixels of its own channels: output channel c of bin
 * (i, j) reads input channel (c · outHeight + i) · outWidth + j.
 *
 * Inputs: features [n, h, w, channels · outHeight · outWidth], boxes [k, 4] as (y1, x1, y2, x2), and the image index of
 * each box, boxIndices [k] or [k, 1], int32. Output: [k, height, width, channels]. Call a model with this layer through
 * `apply`, or predict with a `batchSize` that covers the whole batch: otherwise boxes and images are split apart. The
 * boxes receive no gradient.
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for a value out of range or incompatible shapes
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
