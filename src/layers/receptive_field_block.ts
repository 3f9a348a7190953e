/**
 * Receptive field block (RFB): parallel branches with growing kernels, each ending in a dilated 3×3 convolution, and a
 * shortcut. It imitates human vision, where receptive fields grow with the distance from the centre.
 */
import * as tf from '@tensorflow/tfjs';
import { checkInteger, checkOneOf, rangeError } from '../errors.js';
import { LONGEST_AXIS } from '../kernel/geometry.js';
import { ConvBranch, describeBranches, type ConvUnitOptions } from './conv_unit.js';
import { isAbsent, toNumber, type InitializerIdentifier, type RegularizerIdentifier } from './config.js';
import type { LayerDescription } from './description.js';
import { ImageLayer, type CallArgs, type ImageLayerArgs, type Images, type OutputSize } from './image_layer.js';
import { receptiveFieldUnits, REDUCTIONS, VARIANTS, type ReceptiveFieldBlockVariant } from './receptive_field_units.js';

export type { ReceptiveFieldBlockVariant } from './receptive_field_units.js';

/** Arguments of {@link ReceptiveFieldBlock}. */
export interface ReceptiveFieldBlockArgs extends ImageLayerArgs {
  /** Number of output channels. */
  filters: number;
  /** `'rfb'`, or `'rfb-a'` with more and smaller kernels, for high-resolution features. @default 'rfb' */
  variant?: ReceptiveFieldBlockVariant;
  /** Stride along both axes, 1 or 2 pixels. @default 1 */
  strides?: number;
  /** Factor of the branches before the shortcut is added. @default 0.1 */
  scale?: number;
  /** Dilation of the first branch of `'rfb'`; those of the others are one and two times `visual`, plus 1. @default 1 */
  visual?: number;
  /** Momentum of the moving averages, in [0, 1). @default 0.99 */
  momentum?: number;
  /** Small number added to the variances. @default 1e-5 */
  epsilon?: number;
  /** Initializer of all kernels. @default 'glorotUniform' */
  kernelInitializer?: InitializerIdentifier;
  /** Regularizer of all kernels. @default none */
  kernelRegularizer?: RegularizerIdentifier;
}

/** Largest `visual`: the dilation 2 · visual + 1 must be at most {@link LONGEST_AXIS}. */
const MOST_VISUAL = (LONGEST_AXIS - 1) / 2;

/** Convolutions of a built block. */
interface Parts {
  readonly branches: readonly ConvBranch[];
  readonly concatChannels: number;
  readonly project: ConvBranch;
  readonly shortcut: ConvBranch;
}

/**
 * Receptive field block: `relu(scale · project(branches) + shortcut)`. With w = channels / 8, `'rfb'` has the branches
 * 1×1 → 3×3 at dilation 1, 1×1 → 3×3 → 3×3 at dilation 2, and 1×1 → 3×3 → 3×3 → 3×3 at dilation 3; with w = channels /
 * 4, `'rfb-a'` has 1×1 → 3×3, 1×1 → 3×1 → 3×3 at 3, 1×1 → 1×3 → 3×3 at 3, and 1×1 → 1×3 → 3×1 → 3×3 at 5. Every
 * convolution is followed by batch normalisation and has no bias; all but the last of each branch, `project` and
 * `shortcut` are followed by ReLU.
 *
 * Weights, by unit `branch_⟨b⟩_conv_⟨i⟩` (both from 1), `project` and `shortcut`: `⟨unit⟩_kernel`, `_gamma`, `_beta`,
 * `_moving_mean`, `_moving_variance`.
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for a value out of range or too few input
 * channels
 * @see Liu, Huang and Wang, "Receptive Field Block Net for Accurate and Fast Object Detection" (2018), section 3.2
 * @example
 * ```ts
 * const layer = conv.layers.receptiveFieldBlock({ filters: 64, variant: 'rfb-a' });
 * const model = tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: [8, 8, 64] }), layer] });
 * console.log(conv.cost(model).total.params.trainable); // 24008
 * ```
 */
export class ReceptiveFieldBlock extends ImageLayer {
  static override readonly className: string = 'Convolutions>ReceptiveFieldBlock';

  readonly filters: number;
  readonly variant: ReceptiveFieldBlockVariant;
  readonly strides: number;
  readonly scale: number;
  readonly visual: number;
  private readonly options: ConvUnitOptions;
  private parts!: Parts;

  constructor(args: ReceptiveFieldBlockArgs) {
    super(args);
    const { action } = this;
    this.filters = checkInteger(action, 'filters', args.filters, 1);
    this.variant = checkOneOf(action, 'variant', args.variant ?? 'rfb', VARIANTS);
    this.strides = checkInteger(action, 'strides', args.strides ?? 1, 1);
    if (this.strides > 2) throw rangeError(action, 'strides must be 1 or 2', 'strides', this.strides);
    this.scale = toNumber(action, 'scale', args.scale, 0.1, 0);
    this.visual = checkInteger(action, 'visual', args.visual ?? 1, 1, MOST_VISUAL);
    if (this.variant === 'rfb-a' && !isAbsent(args.visual) && this.visual !== 1) {
      throw rangeError(action, "visual requires variant 'rfb'", 'visual', this.visual);
    }
    this.options = {
      kernel: this.readWeightOptions(args, 'kernel', 'glorotUniform'),
      momentum: toNumber(action, 'momentum', args.momentum, 0.99, 0, 1),
      epsilon: toNumber(action, 'epsilon', args.epsilon, 1e-5, 0),
    };
    this.checkOptions(args);
  }

  describe(inputShapes: readonly tf.Shape[]): LayerDescription {
    const image = this.imageSize(inputShapes);
    const { branches, concatChannels, project, shortcut } = this.partsOf(image.inChannels);
    const uses = branches.map((branch) => branch.describe(image));
    const { inHeight, inWidth } = uses[0]!;
    const { convolutions, otherOps, window } = describeBranches([...uses, shortcut.describe(image)]);
    const last = project.describe({ inHeight, inWidth, inChannels: concatChannels });
    return {
      convolutions: [...convolutions, ...last.convolutions],
      otherOps: {
        normalization: otherOps.normalization! + last.otherOps.normalization,
        activation: otherOps.activation! + inHeight * inWidth * this.filters,
      },
      windows: [window],
    };
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { kernelInitializer, kernelRegularizer } = this.weightConfig('kernel', this.options.kernel);
    return {
      filters: this.filters,
      variant: this.variant,
      strides: this.strides,
      scale: this.scale,
      visual: this.visual,
      momentum: this.options.momentum,
      epsilon: this.options.epsilon,
      kernelInitializer: kernelInitializer!,
      kernelRegularizer: kernelRegularizer!,
      ...super.getConfig(),
    };
  }

  protected override buildWeights(inChannels: number): void {
    this.parts = this.partsOf(inChannels);
    const { branches, concatChannels, project, shortcut } = this.parts;
    for (const branch of branches) branch.build(this.creator, inChannels);
    project.build(this.creator, concatChannels);
    shortcut.build(this.creator, inChannels);
  }

  protected override compute([x]: Images, call: CallArgs): tf.Tensor4D {
    const training = this.trains(call);
    const { branches, project, shortcut } = this.parts;
    const concatenated = tf.concat(
      branches.map((branch) => branch.apply(x, training)),
      3,
    );
    return tf.relu(tf.add(tf.mul(project.apply(concatenated, training), this.scale), shortcut.apply(x, training)));
  }

  protected override outputSize(height: number | null, width: number | null, channels: number): OutputSize {
    for (const branch of this.partsOf(channels).branches) branch.checkWindows(this.action, height, width);
    const along = (size: number | null): number | null => (size === null ? null : Math.ceil(size / this.strides));
    return [along(height), along(width), this.filters];
  }

  /** Convolutions for the given number of input channels. */
  private partsOf(inChannels: number): Parts {
    const { filters, variant, strides, visual, options } = this;
    const fewest = REDUCTIONS[variant];
    if (inChannels < fewest) {
      const rule = `variant '${variant}' requires at least ${fewest} input channels`;
      throw rangeError(this.action, rule, 'input channels', inChannels);
    }
    const { branches, project, shortcut } = receptiveFieldUnits(inChannels, { filters, variant, strides, visual });
    return {
      branches: branches.map((units) => new ConvBranch(units, options)),
      concatChannels: branches.reduce((sum, units) => sum + units.at(-1)!.filters!, 0),
      project: new ConvBranch([project], options),
      shortcut: new ConvBranch([shortcut], options),
    };
  }
}
