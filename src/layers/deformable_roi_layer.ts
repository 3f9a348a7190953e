/**
 * Base class of deformable region layers: pools once without offsets, predicts offsets from the result, and pools
 * again.
 */
import * as tf from '@tensorflow/tfjs';
import { rangeError } from '../errors.js';
import { toShapes } from './base_layer.js';
import { toBoolean, toConfig, type WeightOptions } from './config.js';
import type { LayerDescription } from './description.js';
import { toLastShape } from './image_layer.js';
import { OffsetBranch, type OffsetBranchArgs } from './offset_branch.js';
import { RoILayer, type Regions, type RoILayerArgs } from './roi_layer.js';

/** Arguments of every deformable region layer. */
export interface DeformableRoILayerArgs extends RoILayerArgs, OffsetBranchArgs {
  /**
   * True if the layer predicts its offsets itself; if false, it has no weights and is called on
   * [features, boxes, boxIndices], without offsets, or on [features, boxes, boxIndices, offset].
   * @default true
   */
  predictOffsets?: boolean;
}

/** Region layer whose bins are moved by offsets that it predicts from the regions themselves. */
export abstract class DeformableRoILayer extends RoILayer {
  readonly predictOffsets: boolean;
  private readonly offsetOptions: WeightOptions;
  private readonly branch: OffsetBranch;

  constructor(args: DeformableRoILayerArgs) {
    super(args);
    this.predictOffsets = toBoolean(this.action, 'predictOffsets', args.predictOffsets, true);
    this.offsetOptions = this.readWeightOptions(args, 'offset', 'zeros');
    const hidden = this.readWeightOptions({}, 'hidden', 'glorotUniform');
    const bias = this.readWeightOptions({}, 'bias', 'zeros');
    this.branch = new OffsetBranch(this.action, args, hidden, this.offsetOptions, bias);
  }

  get offsetUnits(): readonly number[] {
    return this.branch.units;
  }

  get offsetLearningRateMultiplier(): number {
    return this.branch.learningRateMultiplier;
  }

  /** Shape of the offsets of one box as the operator takes them, without the box axis. */
  protected abstract readonly offsetShape: readonly [number, number, number];

  /** Applies the operator, with zero offsets if none are given. */
  protected abstract poolAt(regions: Regions, offset?: tf.Tensor4D): tf.Tensor4D;

  override describe(inputShapes: readonly tf.Shape[]): LayerDescription {
    if (!this.predictOffsets) return super.describe(inputShapes);
    const { otherOps, windows } = super.describe(inputShapes);
    const [count, channels] = this.readShapes([...inputShapes]);
    const boxes = count ?? 1;
    const convolutions = this.branch.describe(boxes, this.pooledCount(channels), this.offsetCount);
    const hidden = this.offsetUnits.reduce((sum, units) => sum + units, 0);
    return {
      convolutions,
      otherOps: {
        bias: boxes * (hidden + this.offsetCount),
        activation: boxes * hidden,
        sampling: 2 * (otherOps?.sampling ?? 0),
      },
      windows,
    };
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      predictOffsets: this.predictOffsets,
      offsetUnits: [...this.offsetUnits],
      offsetInitializer: toConfig(this.offsetOptions.initializer),
      offsetLearningRateMultiplier: this.offsetLearningRateMultiplier,
      ...super.getConfig(),
    };
  }

  protected override buildWeights(inChannels: number): void {
    if (this.predictOffsets) this.branch.build(this.creator, this.pooledCount(inChannels), this.offsetCount);
  }

  protected override pool(regions: Regions): tf.Tensor4D {
    if (!this.predictOffsets) return this.poolAt(regions, regions.offset);
    const offset = this.branch.apply(this.poolAt(regions));
    return this.poolAt(regions, tf.reshape<tf.Rank.R4>(offset, [offset.shape[0], ...this.offsetShape]));
  }

  protected override readShapes(inputShape: tf.Shape | tf.Shape[]): [number | null, number] {
    const shapes = toShapes(inputShape);
    const offset = this.predictOffsets ? undefined : shapes[3];
    if (offset !== undefined) {
      const given = toLastShape(this.action, offset, this.dataFormat).slice(1);
      if (given.some((size, axis) => size !== this.offsetShape[axis])) {
        const rule = `offset must be [k, ${this.offsetShape.join(', ')}], channels last`;
        throw rangeError(this.action, rule, 'offset shape', given);
      }
    }
    return super.readShapes(offset === undefined ? shapes : shapes.slice(0, 3));
  }

  /** Number of pooled values of one box. */
  private pooledCount(inChannels: number): number {
    return this.bins[0] * this.bins[1] * this.outputChannels(inChannels);
  }

  private get offsetCount(): number {
    return this.offsetShape.reduce((product, size) => product * size, 1);
  }
}
