/**
 * Depthwise separable convolution: a depthwise convolution, then a pointwise one.
 * depthwise_kernel [kh, kw, channels, depthMultiplier], pointwise_kernel [1, 1, channels · depthMultiplier, filters].
 */
import type * as tf from '@tensorflow/tfjs';
import { checkInteger } from '../errors.js';
import { toFused, type FusedActivation } from '../kernel/fused_activation.js';
import type { PaddingMode } from '../kernel/geometry.js';
import { conv2d } from '../ops/conv2d/op.js';
import { depthwiseConv2d } from '../ops/depthwise_conv2d/op.js';
import {
  BaseConv,
  type BaseConvArgs,
  type ConvUse,
  type LayerWindowOptions,
  type PaddingModeArgs,
  type WindowArgs,
} from './base_conv.js';
import { createNormalizer, normalizeChannels, type NormalizerWeights } from './channel_normalizer.js';
import {
  toActivation,
  toBoolean,
  type Activation,
  type ActivationIdentifier,
  type ConstraintIdentifier,
  type InitializerIdentifier,
  type RegularizerIdentifier,
  type WeightOptions,
} from './config.js';
import type { DepthwiseKernelArgs } from './depthwise_conv2d.js';
import type { ConvolutionWork, LayerDescription } from './description.js';
import type { CallArgs } from './image_layer.js';

/** Arguments of {@link DepthwiseSeparableConv2D}. */
export interface DepthwiseSeparableConv2DArgs extends BaseConvArgs, WindowArgs, PaddingModeArgs, DepthwiseKernelArgs {
  /** Number of output channels. */
  filters: number;
  /** Activation between the two convolutions. @default 'linear' */
  midActivation?: ActivationIdentifier;
  /** Whether to apply batch normalisation between the two convolutions, before `midActivation`. @default false */
  midBatchNormalization?: boolean;
  /** @default 'glorotUniform' */
  pointwiseInitializer?: InitializerIdentifier;
  /** @default none */
  pointwiseRegularizer?: RegularizerIdentifier;
  /** @default none */
  pointwiseConstraint?: ConstraintIdentifier;
}

/** Keras's defaults of BatchNormalization. */
const MOMENTUM = 0.99;
const EPSILON = 1e-3;

/**
 * Depthwise convolution followed by a 1×1 convolution that mixes the channels. Its cost is 1 / filters + 1 / (kh·kw) of
 * a full convolution with the same kernel size.
 *
 * With `midBatchNormalization: true` and `midActivation: 'relu6'` it is MobileNetV1's block up to the last
 * normalisation; with neither it is Keras's SeparableConv2D. Weights: `depthwise_kernel`
 * [kh, kw, channels, depthMultiplier], then with normalisation `mid_gamma`, `mid_beta`, `mid_moving_mean`,
 * `mid_moving_variance`, then `pointwise_kernel` [1, 1, channels · depthMultiplier, filters] and `bias` [filters].
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for a value out of range
 * @see Howard et al., "MobileNets" (2017), section 3.1; keras.layers.SeparableConv2D
 * @example
 * ```ts
 * const layer = conv.layers.depthwiseSeparableConv2d({
 *   filters: 8,
 *   kernelSize: 3,
 *   padding: 'same',
 *   midBatchNormalization: true,
 *   midActivation: 'relu6',
 * });
 * const y = layer.apply(tf.ones([1, 8, 8, 4]));
 * console.log(y.shape); // [1, 8, 8, 8]
 * ```
 */
export class DepthwiseSeparableConv2D extends BaseConv {
  static override readonly className: string = 'Convolutions>DepthwiseSeparableConv2D';

  readonly filters: number;
  readonly depthMultiplier: number;
  readonly paddingMode: PaddingMode;
  readonly midBatchNormalization: boolean;
  protected readonly window: LayerWindowOptions;
  private readonly midActivation: Activation;
  private readonly depthwiseOptions: WeightOptions;
  private readonly pointwiseOptions: WeightOptions;
  private depthwiseKernel!: tf.LayerVariable;
  private pointwiseKernel!: tf.LayerVariable;
  private normalizer: NormalizerWeights | undefined;

  constructor(args: DepthwiseSeparableConv2DArgs) {
    super(args);
    this.filters = checkInteger(this.action, 'filters', args.filters, 1);
    this.window = this.readWindow(args);
    this.paddingMode = this.readPaddingMode(args);
    this.depthMultiplier = checkInteger(this.action, 'depthMultiplier', args.depthMultiplier ?? 1, 1);
    this.midActivation = toActivation(this.action, 'midActivation', args.midActivation);
    this.midBatchNormalization = toBoolean(this.action, 'midBatchNormalization', args.midBatchNormalization, false);
    this.depthwiseOptions = this.readWeightOptions(args, 'depthwise', 'glorotUniform');
    this.pointwiseOptions = this.readWeightOptions(args, 'pointwise', 'glorotUniform');
    this.checkOptions(args);
  }

  override describe(inputShapes: readonly tf.Shape[]): LayerDescription {
    const description = super.describe(inputShapes);
    const use = this.useOn(inputShapes);
    const between = use.outHeight * use.outWidth * use.inChannels * this.depthMultiplier;
    return {
      ...description,
      otherOps: {
        ...description.otherOps,
        normalization: this.midBatchNormalization ? between : 0,
        activation:
          (description.otherOps?.activation ?? 0) + (this.midActivation.identifier === 'linear' ? 0 : between),
      },
    };
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      filters: this.filters,
      ...this.windowConfig(),
      paddingMode: this.paddingMode,
      depthMultiplier: this.depthMultiplier,
      midActivation: this.midActivation.identifier,
      midBatchNormalization: this.midBatchNormalization,
      ...this.weightConfig('depthwise', this.depthwiseOptions),
      ...this.weightConfig('pointwise', this.pointwiseOptions),
      ...super.getConfig(),
    };
  }

  protected override outputChannels(): number {
    return this.filters;
  }

  protected override buildKernels(inChannels: number): void {
    const midChannels = inChannels * this.depthMultiplier;
    const depthwiseShape = [...this.window.kernelSize, inChannels, this.depthMultiplier];
    this.depthwiseKernel = this.createWeight('depthwise_kernel', depthwiseShape, this.depthwiseOptions);
    if (this.midBatchNormalization) this.normalizer = createNormalizer(this.creator, 'mid_', midChannels);
    this.pointwiseKernel = this.createWeight(
      'pointwise_kernel',
      [1, 1, midChannels, this.filters],
      this.pointwiseOptions,
    );
  }

  protected override get fusedActivation(): FusedActivation {
    return toFused(this.activation.identifier) ?? 'linear';
  }

  protected override convolve([x]: readonly [tf.Tensor4D], bias: tf.Tensor1D | undefined, call: CallArgs): tf.Tensor4D {
    const { opWindow, paddingMode } = this;
    const depthwise = depthwiseConv2d(x, this.depthwiseKernel.read() as tf.Tensor4D, { ...opWindow, paddingMode });
    const filter = this.pointwiseKernel.read() as tf.Tensor4D;
    return conv2d(this.activate(depthwise, call), filter, { bias, activation: this.fusedActivation });
  }

  protected override convolutions(use: ConvUse): readonly ConvolutionWork[] {
    const midChannels = use.inChannels * this.depthMultiplier;
    const positions = use.outHeight * use.outWidth;
    const { kernelSize } = this.window;
    return [
      {
        role: 'main',
        kernelSize,
        inChannels: use.inChannels,
        outChannels: midChannels,
        groups: use.inChannels,
        positions,
      },
      { role: 'main', kernelSize: [1, 1], inChannels: midChannels, outChannels: this.filters, groups: 1, positions },
    ];
  }

  /** Normalisation and activation between the two convolutions. */
  private activate(x: tf.Tensor4D, call: CallArgs): tf.Tensor4D {
    const { midActivation, normalizer } = this;
    if (normalizer === undefined) return midActivation.apply(x);
    const fused = toFused(midActivation.identifier);
    const y = normalizeChannels(x, normalizer, {
      momentum: MOMENTUM,
      epsilon: EPSILON,
      activation: fused ?? 'linear',
      training: this.trains(call),
    });
    return fused === undefined ? midActivation.apply(y) : y;
  }
}
