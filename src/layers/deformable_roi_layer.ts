/** What the deformable region layers share: pooled once at rest, then again where the offset branch moves the bins. */
import * as tf from '@tensorflow/tfjs';
import { toConfig, type WeightOptions } from './config.js';
import type { LayerDescription } from './description.js';
import { OffsetBranch, type OffsetBranchArgs } from './offset_branch.js';
import { RoILayer, type Regions, type RoILayerArgs } from './roi_layer.js';

/** Arguments of every deformable region layer. */
export interface DeformableRoILayerArgs extends RoILayerArgs, OffsetBranchArgs {}

export abstract class DeformableRoILayer extends RoILayer {
  private readonly offsetOptions: WeightOptions;
  private readonly branch: OffsetBranch;

  constructor(args: DeformableRoILayerArgs) {
    super(args);
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

  /** The offsets of one box as the op takes them, without its first axis. */
  protected abstract readonly offsetShape: readonly [number, number, number];

  /** The op, at rest without offsets. */
  protected abstract poolAt(regions: Regions, offset?: tf.Tensor4D): tf.Tensor4D;

  override describe(inputShapes: readonly tf.Shape[]): LayerDescription {
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
      offsetUnits: [...this.offsetUnits],
      offsetInitializer: toConfig(this.offsetOptions.initializer),
      offsetLearningRateMultiplier: this.offsetLearningRateMultiplier,
      ...super.getConfig(),
    };
  }

  protected override buildWeights(inChannels: number): void {
    this.branch.build(this.creator, this.pooledCount(inChannels), this.offsetCount);
  }

  protected override pool(regions: Regions): tf.Tensor4D {
    const moved = this.branch.apply(this.poolAt(regions));
    return this.poolAt(regions, tf.reshape<tf.Rank.R4>(moved, [moved.shape[0], ...this.offsetShape]));
  }

  /** Features of one box. */
  private pooledCount(inChannels: number): number {
    return this.bins[0] * this.bins[1] * this.outputChannels(inChannels);
  }

  private get offsetCount(): number {
    return this.offsetShape.reduce((product, size) => product * size, 1);
  }
}
