/**
 * Atrous spatial pyramid pooling (ASPP): parallel 3×3 convolutions at several dilation rates plus image-level pooling,
 * concatenated and projected by a 1×1 convolution. Each branch has `filters` channels.
 */
import * as tf from '@tensorflow/tfjs';
import { checkInteger } from '../errors.js';
import { ConvBranch, describeBranches, type ConvUnitOptions, type ConvUnitSpec } from './conv_unit.js';
import { toBoolean, toNumber, type InitializerIdentifier, type RegularizerIdentifier } from './config.js';
import type { LayerDescription } from './description.js';
import { readRates } from './dilation_rates.js';
import { ImageLayer, type CallArgs, type ImageLayerArgs, type Images, type OutputSize } from './image_layer.js';

/** Arguments of {@link AtrousSpatialPyramidPooling}. */
export interface AtrousSpatialPyramidPoolingArgs extends ImageLayerArgs {
  /** Number of channels of every branch and of the output. @default 256 */
  filters?: number;
  /** Dilation of each 3×3 branch, all different: [6, 12, 18] at output stride 16, [12, 24, 36] at output stride 8. @default [6, 12, 18] */
  rates?: readonly number[];
  /** Whether to use depthwise separable convolutions in the 3×3 branches, each half normalised and activated. @default false */
  separable?: boolean;
  /** Whether to add the image-level pooling branch. @default true */
  imagePooling?: boolean;
  /** Momentum of the moving averages, in [0, 1). @default 0.99 */
  momentum?: number;
  /** Small number added to the variances. @default 1e-5 */
  epsilon?: number;
  /** Initializer of all kernels. @default 'glorotUniform' */
  kernelInitializer?: InitializerIdentifier;
  /** Regularizer of all kernels. @default none */
  kernelRegularizer?: RegularizerIdentifier;
}

/**
 * Atrous spatial pyramid pooling of DeepLabV3: a 1×1 convolution, one 3×3 convolution per rate and the global average
 * through a 1×1 convolution, all in parallel, concatenated and projected by a 1×1 convolution. Every convolution is
 * followed by batch normalisation and ReLU, and has no bias. DeepLab's dropout is left to the model.
 *
 * Weights, for the branches `point`, `rate_⟨r⟩` (`rate_⟨r⟩_depthwise` and `rate_⟨r⟩_pointwise` with `separable`),
 * `pool` and `project`: `⟨branch⟩_kernel` (`…_depthwise_kernel`), `⟨branch⟩_gamma`, `_beta`, `_moving_mean`,
 * `_moving_variance`.
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for a value out of range
 * @see Chen et al., "Rethinking Atrous Convolution" (2017), section 3.3; "Encoder-Decoder with Atrous Separable
 * Convolution" (2018), section 3.1
 * @example
 * ```ts
 * const layer = conv.layers.atrousSpatialPyramidPooling({ filters: 8, rates: [1, 2] });
 * const y = layer.apply(tf.ones([1, 6, 6, 4]));
 * console.log(y.shape); // [1, 6, 6, 8]
 * ```
 */
export class AtrousSpatialPyramidPooling extends ImageLayer {
  static override readonly className: string = 'Convolutions>AtrousSpatialPyramidPooling';

  readonly filters: number;
  readonly rates: readonly number[];
  readonly separable: boolean;
  readonly imagePooling: boolean;
  private readonly options: ConvUnitOptions;
  private readonly branches: readonly ConvBranch[];
  private readonly pool: ConvBranch | undefined;
  private readonly project: ConvBranch;

  constructor(args: AtrousSpatialPyramidPoolingArgs = {}) {
    super(args);
    const { action } = this;
    this.filters = checkInteger(action, 'filters', args.filters ?? 256, 1);
    this.rates = readRates(action, args.rates ?? [6, 12, 18]);
    this.separable = toBoolean(action, 'separable', args.separable, false);
    this.imagePooling = toBoolean(action, 'imagePooling', args.imagePooling, true);
    this.options = {
      kernel: this.readWeightOptions(args, 'kernel', 'glorotUniform'),
      momentum: toNumber(action, 'momentum', args.momentum, 0.99, 0, 1),
      epsilon: toNumber(action, 'epsilon', args.epsilon, 1e-5, 0),
    };
    const branch = (...specs: ConvUnitSpec[]): ConvBranch => new ConvBranch(specs, this.options);
    const { filters } = this;
    this.branches = [branch({ name: 'point', filters }), ...this.rates.map((rate) => branch(...this.unitsOf(rate)))];
    this.pool = this.imagePooling ? branch({ name: 'pool', filters }) : undefined;
    this.project = branch({ name: 'project', filters });
    this.checkOptions(args);
  }

  describe(inputShapes: readonly tf.Shape[]): LayerDescription {
    const image = this.imageSize(inputShapes);
    const { inHeight, inWidth, inChannels } = image;
    const parts = [
      ...this.branches.map((branch) => branch.describe(image)),
      ...(this.pool === undefined ? [] : [this.pool.describe({ inHeight: 1, inWidth: 1, inChannels })]),
      this.project.describe({ inHeight, inWidth, inChannels: this.concatChannels }),
    ];
    const { convolutions, otherOps, window } = describeBranches(parts);
    const pooling = this.imagePooling ? inHeight * inWidth * inChannels : 0;
    return { convolutions, otherOps: { ...otherOps, pooling }, windows: [{ ...window, global: this.imagePooling }] };
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { kernelInitializer, kernelRegularizer } = this.weightConfig('kernel', this.options.kernel);
    return {
      filters: this.filters,
      rates: [...this.rates],
      separable: this.separable,
      imagePooling: this.imagePooling,
      momentum: this.options.momentum,
      epsilon: this.options.epsilon,
      kernelInitializer: kernelInitializer!,
      kernelRegularizer: kernelRegularizer!,
      ...super.getConfig(),
    };
  }

  protected override buildWeights(inChannels: number): void {
    for (const branch of this.branches) branch.build(this.creator, inChannels);
    this.pool?.build(this.creator, inChannels);
    this.project.build(this.creator, this.concatChannels);
  }

  protected override compute([x]: Images, call: CallArgs): tf.Tensor4D {
    const training = this.trains(call);
    const outputs = this.branches.map((branch) => branch.apply(x, training));
    if (this.pool !== undefined) {
      const global = this.pool.apply(tf.mean<tf.Tensor4D>(x, [1, 2], true), training);
      // Broadcast by multiplication: its gradient is a single sum, whereas that of a tile is one slice per pixel.
      outputs.push(tf.mul(global, tf.ones([1, x.shape[1], x.shape[2], 1])));
    }
    return this.project.apply(tf.concat(outputs, 3), training);
  }

  protected override outputSize(height: number | null, width: number | null): OutputSize {
    for (const branch of this.branches) branch.checkWindows(this.action, height, width);
    return [height, width, this.filters];
  }

  private unitsOf(rate: number): ConvUnitSpec[] {
    const { filters } = this;
    const atrous = { kernelSize: [3, 3], dilation: rate } as const;
    const name = `rate_${rate}`;
    if (!this.separable) return [{ name, filters, ...atrous }];
    return [
      { name: `${name}_depthwise`, ...atrous },
      { name: `${name}_pointwise`, filters },
    ];
  }

  /** Number of channels after concatenating all branches. */
  private get concatChannels(): number {
    return (this.branches.length + (this.imagePooling ? 1 : 0)) * this.filters;
  }
}
