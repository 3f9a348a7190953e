/** Position-sensitive RoIAlign layer. No weights. */
import type * as tf from '@tensorflow/tfjs';
import { checkInteger } from '../errors.js';
import { toPair, type Pair } from '../kernel/geometry.js';
import { psRoiAlign } from '../ops/ps_roi_align/op.js';
import { MOST_SAMPLES } from '../ops/roi/geometry.js';
import { RoILayer, type Regions, type RoILayerArgs } from './roi_layer.js';

/** Arguments of {@link PSRoIAlign}. */
export interface PSRoIAlignArgs extends RoILayerArgs {
  /** Number of bins of a box, a number or [height, width]. */
  outputSize: Pair;
  /** Number of samples of a bin along each axis; 0 for one per pixel of the bin, rounded up. @default 0 */
  samplingRatio?: number;
}

/**
 * Pools every box on a grid of bins. Each bin averages bilinear samples of its own channels: output channel c of bin
 * (i, j) reads input channel (c · outHeight + i) · outWidth + j.
 *
 * Inputs: features [n, h, w, channels · outHeight · outWidth], boxes [k, 4] as (y1, x1, y2, x2), and the image index of
 * each box, boxIndices [k] or [k, 1], int32. Output: [k, height, width, channels]. Call a model with this layer through
 * `apply`, or predict with a `batchSize` that covers the whole batch: otherwise boxes and images are split apart. The
 * boxes receive no gradient.
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for a value out of range or incompatible shapes
 * @see Li et al., "Light-Head R-CNN" (2017); torchvision.ops.PSRoIAlign
 * @example
 * ```ts
 * const layer = conv.layers.psRoiAlign({ outputSize: 2, samplingRatio: 2 });
 * const y = layer.apply([tf.ones([1, 8, 8, 8]), tf.tensor2d([[0, 0, 6, 6]]), tf.tensor1d([0], 'int32')]);
 * console.log(y.shape); // [1, 2, 2, 2]
 * ```
 */
export class PSRoIAlign extends RoILayer {
  static override readonly className: string = 'Convolutions>PSRoIAlign';

  readonly samplingRatio: number;
  protected readonly bins: readonly [number, number];

  constructor(args: PSRoIAlignArgs) {
    super(args);
    this.bins = toPair(this.action, 'outputSize', args.outputSize, 1);
    this.samplingRatio = checkInteger(this.action, 'samplingRatio', args.samplingRatio ?? 0, 0, MOST_SAMPLES);
    this.checkOptions(args);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { outputSize: [...this.bins], samplingRatio: this.samplingRatio, ...super.getConfig() };
  }

  protected override get samples(): number {
    return this.samplingRatio;
  }

  protected override pool({ x, boxes, boxIndices }: Regions): tf.Tensor4D {
    const { bins, spatialScale, samplingRatio } = this;
    return psRoiAlign(x, boxes, boxIndices, { outputSize: bins, spatialScale, samplingRatio });
  }

  protected override outputChannels(inChannels: number): number {
    return this.positionSensitive(inChannels, this.bins[0] * this.bins[1]);
  }
}
