/** Deformable RoI pooling with the branch that predicts its offsets. */
import type * as tf from '@tensorflow/tfjs';
import { checkInteger } from '../errors.js';
import { toPair, type Pair } from '../kernel/geometry.js';
import { deformRoiPool } from '../ops/deform_roi_pool/op.js';
import { MOST_SAMPLES } from '../ops/roi/geometry.js';
import { toNumber } from './config.js';
import { DeformableRoILayer, type DeformableRoILayerArgs } from './deformable_roi_layer.js';
import type { Regions } from './roi_layer.js';

/** Arguments of {@link DeformableRoIPool}. */
export interface DeformableRoIPoolArgs extends DeformableRoILayerArgs {
  /** Number of bins of a box, a number or [height, width]. */
  outputSize: Pair;
  /** Number of samples of a bin along each axis; 0 for one per pixel of the bin, rounded up. @default 0 */
  samplingRatio?: number;
  /** Scale of the offsets, relative to the size of the box. @default 0.1 */
  gamma?: number;
}

/**
 * Pools every box on a grid of bins. Each bin averages bilinear samples at learned locations: a fully connected branch
 * reads the box pooled without offsets and shifts every bin by gamma · (size of the box) · its output, which starts at
 * 0.
 *
 * Inputs: features [n, h, w, channels], boxes [k, 4] as (y1, x1, y2, x2), and the image of each box, boxIndices [k] or
 * [k, 1], int32. Output: [k, height, width, channels]. No gradient goes to the boxes. Weights: for each of `offsetUnits`
 * `offset_hidden_⟨i⟩_kernel` [in, units] and `offset_hidden_⟨i⟩_bias`, then `offset_kernel` [in, height · width · 2], last
 * axis (bin, (y, x)), and `offset_bias`. With `predictOffsets: false` there are no weights, and the offsets are an
 * optional fourth input, [k, height, width, 2], zero if omitted.
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for a value out of range or incompatible shapes
 * @see Dai et al., "Deformable Convolutional Networks" (2017), section 2.2; mmcv.ops.DeformRoIPoolPack
 * @example
 * ```ts
 * const layer = conv.layers.deformableRoiPool({ outputSize: 2, samplingRatio: 2, offsetUnits: [16] });
 * const y = layer.apply([tf.ones([1, 8, 8, 3]), tf.tensor2d([[0, 0, 6, 6]]), tf.tensor1d([0], 'int32')]);
 * console.log(y.shape); // [1, 2, 2, 3]
 * ```
 */
export class DeformableRoIPool extends DeformableRoILayer {
  static override readonly className: string = 'Convolutions>DeformableRoIPool';

  readonly samplingRatio: number;
  readonly gamma: number;
  protected readonly bins: readonly [number, number];

  constructor(args: DeformableRoIPoolArgs) {
    super(args);
    this.bins = toPair(this.action, 'outputSize', args.outputSize, 1);
    this.samplingRatio = checkInteger(this.action, 'samplingRatio', args.samplingRatio ?? 0, 0, MOST_SAMPLES);
    this.gamma = toNumber(this.action, 'gamma', args.gamma, 0.1, 0);
    this.checkOptions(args);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      outputSize: [...this.bins],
      samplingRatio: this.samplingRatio,
      gamma: this.gamma,
      ...super.getConfig(),
    };
  }

  protected override get samples(): number {
    return this.samplingRatio;
  }

  protected override get offsetShape(): readonly [number, number, number] {
    return [...this.bins, 2];
  }

  protected override poolAt({ x, boxes, boxIndices }: Regions, offset?: tf.Tensor4D): tf.Tensor4D {
    const { bins, spatialScale, samplingRatio, gamma } = this;
    return deformRoiPool(x, boxes, boxIndices, { offset, outputSize: bins, spatialScale, samplingRatio, gamma });
  }

  protected override outputChannels(inChannels: number): number {
    return inChannels;
  }
}
