/** Deformable position-sensitive RoI pooling with the branch that predicts its offsets. */
import type * as tf from '@tensorflow/tfjs';
import { checkInteger, rangeError } from '../errors.js';
import { deformPsRoiPool } from '../ops/deform_ps_roi_pool/op.js';
import { MOST_SAMPLES } from '../ops/roi/geometry.js';
import { toNumber } from './config.js';
import { DeformableRoILayer, type DeformableRoILayerArgs } from './deformable_roi_layer.js';
import type { Regions } from './roi_layer.js';

/** Arguments of {@link DeformablePSRoIPool}. */
export interface DeformablePSRoIPoolArgs extends DeformableRoILayerArgs {
  /** Number of output channels. */
  outputDim: number;
  /** Number of bins along each axis. */
  pooledSize: number;
  /** Number of channel groups along each axis of the bins. @default pooledSize */
  groupSize?: number;
  /** Number of offsets of a box along each axis. @default pooledSize */
  partSize?: number;
  /** Number of output channel groups with their own offsets; divides `outputDim`. @default 1 */
  classes?: number;
  /** Number of samples of a bin along each axis. @default 4 */
  samplesPerPart?: number;
  /** Scale of the offsets, relative to the size of the box. @default 0.1 */
  transStd?: number;
}

/**
 * Pools every box on a grid of bins. Each bin averages bilinear samples of its own channels at learned locations: a
 * fully connected branch reads the box pooled without offsets and shifts the bins by transStd · (size of the box) · its
 * output, which starts at 0.
 *
 * Inputs: features [n, h, w, outputDim · groupSize²], boxes [k, 4] as (y1, x1, y2, x2), and the image of each box,
 * boxIndices [k] or [k, 1], int32. Output: [k, pooledSize, pooledSize, outputDim]. No gradient goes to the boxes. Weights:
 * for each of `offsetUnits` `offset_hidden_⟨i⟩_kernel` [in, units] and `offset_hidden_⟨i⟩_bias`, then `offset_kernel`
 * [in, partSize² · classes · 2], last axis (part, class, (y, x)), and `offset_bias`. With `predictOffsets: false` there
 * are no weights, and the offsets are an optional fourth input, [k, partSize, partSize, classes · 2], zero if omitted.
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for a value out of range or incompatible shapes
 * @see Dai et al., "Deformable Convolutional Networks" (2017), section 2.2; Zhu et al., "Deformable ConvNets v2" (2018)
 * @example
 * ```ts
 * const layer = conv.layers.deformablePsRoiPool({ outputDim: 2, pooledSize: 3, offsetUnits: [] });
 * const y = layer.apply([tf.ones([1, 8, 8, 18]), tf.tensor2d([[0, 0, 6, 6]]), tf.tensor1d([0], 'int32')]);
 * console.log(y.shape); // [1, 3, 3, 2]
 * ```
 */
export class DeformablePSRoIPool extends DeformableRoILayer {
  static override readonly className: string = 'Convolutions>DeformablePSRoIPool';

  readonly outputDim: number;
  readonly pooledSize: number;
  readonly groupSize: number;
  readonly partSize: number;
  readonly classes: number;
  readonly samplesPerPart: number;
  readonly transStd: number;

  constructor(args: DeformablePSRoIPoolArgs) {
    super(args);
    const { action } = this;
    this.outputDim = checkInteger(action, 'outputDim', args.outputDim, 1);
    this.pooledSize = checkInteger(action, 'pooledSize', args.pooledSize, 1);
    this.groupSize = checkInteger(action, 'groupSize', args.groupSize ?? this.pooledSize, 1);
    this.partSize = checkInteger(action, 'partSize', args.partSize ?? this.pooledSize, 1);
    this.classes = checkInteger(action, 'classes', args.classes ?? 1, 1);
    if (this.outputDim % this.classes !== 0) {
      throw rangeError(action, `classes must divide outputDim (${this.outputDim})`, 'classes', this.classes);
    }
    this.samplesPerPart = checkInteger(action, 'samplesPerPart', args.samplesPerPart ?? 4, 1, MOST_SAMPLES);
    this.transStd = toNumber(action, 'transStd', args.transStd, 0.1, 0);
    this.checkOptions(args);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      outputDim: this.outputDim,
      pooledSize: this.pooledSize,
      groupSize: this.groupSize,
      partSize: this.partSize,
      classes: this.classes,
      samplesPerPart: this.samplesPerPart,
      transStd: this.transStd,
      ...super.getConfig(),
    };
  }

  protected override get bins(): readonly [number, number] {
    return [this.pooledSize, this.pooledSize];
  }

  protected override get samples(): number {
    return this.samplesPerPart;
  }

  protected override get offsetShape(): readonly [number, number, number] {
    return [this.partSize, this.partSize, this.classes * 2];
  }

  protected override poolAt({ x, boxes, boxIndices }: Regions, offset?: tf.Tensor4D): tf.Tensor4D {
    const { outputDim, pooledSize, groupSize, partSize, samplesPerPart, spatialScale, transStd } = this;
    const options = { outputDim, pooledSize, groupSize, partSize, samplesPerPart, spatialScale, transStd };
    return deformPsRoiPool(x, boxes, boxIndices, { ...options, offset });
  }

  protected override outputChannels(inChannels: number): number {
    const wanted = this.outputDim * this.groupSize ** 2;
    if (inChannels === wanted) return this.outputDim;
    const rule = `the input channels must be outputDim · groupSize² = ${wanted}`;
    throw rangeError(this.action, rule, 'input channels', inChannels);
  }
}
