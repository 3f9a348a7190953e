/**
 * Deformable convolution layer, versions 1 and 2, with the offset convolution that predicts its sampling locations.
 *
 * kernel [kh, kw, inChannels / groups, filters], or depthwise_kernel [kh, kw, channels, depthMultiplier]; offset_kernel
 * [kh, kw, inChannels, offsetGroups · kh · kw · (2 or 3)]: first the offsets in the order of the operator (offset
 * group, tap row-major, (y, x)), then, in version 2, the mask logits (offset group, tap).
 */
import * as tf from '@tensorflow/tfjs';
import { checkInteger, checkOneOf, rangeError, typeError } from '../errors.js';
import { conv2d } from '../ops/conv2d/op.js';
import { deformConv2d } from '../ops/deform_conv2d/op.js';
import { checkDivides } from '../ops/groups.js';
import { BaseConv, type BaseConvArgs, type ConvUse, type LayerWindowOptions, type WindowArgs } from './base_conv.js';
import { isAbsent, toBoolean, toConfig, toNumber, type InitializerIdentifier, type WeightOptions } from './config.js';
import {
  POINTWISE_WINDOW,
  type ConvolutionWork,
  type DeformableLayer,
  type LayerDescription,
  type TapLocations,
} from './description.js';
import type { KernelArgs } from './filter_conv.js';
import type { PrecisionArgs } from './half_storage.js';
import { scaleGradient } from './gradient_scale.js';

/** Mapping from mask logits to weights: to (0, 1), starting at 0.5, or to (0, 2), starting at 1. */
const MASK_ACTIVATIONS = ['sigmoid', 'doubleSigmoid'] as const;

/**
 * Activation of the masks: `sigmoid` as in the paper, or twice that, which is 1 at the start.
 *
 * @useDeclaredType
 */
export type MaskActivation = (typeof MASK_ACTIVATIONS)[number];

/** Arguments of {@link DeformableConv2D}. */
export interface DeformableConv2DArgs extends BaseConvArgs, WindowArgs, KernelArgs, PrecisionArgs {
  /** Number of output channels; not for `depthwise: true`. */
  filters?: number;
  /** Number of independent channel groups; not for `depthwise: true`. @default 1 */
  groups?: number;
  /** Whether to predict a weight (the mask) for every sample, as in version 2. @default true */
  modulated?: boolean;
  /** @default 'sigmoid' */
  maskActivation?: MaskActivation;
  /** Number of input channel groups with their own offsets; divides the input channels. @default 1 */
  offsetGroups?: number;
  /** Whether to use a depthwise kernel, as in DepthwiseConv2D. @default false */
  depthwise?: boolean;
  /** Number of output channels per input channel; only for `depthwise: true`. @default 1 */
  depthMultiplier?: number;
  /**
   * True if the layer predicts offsets and mask itself; if false, it is called on [x, offset] or [x, offset, mask].
   * @default true
   */
  predictOffsets?: boolean;
  /** Upper bound on offsets, in pixels, along each axis. @default none */
  offsetLimit?: number;
  /**
   * Factor on the gradient of the offset convolution's weights: equals a factor on its learning rate under gradient
   * descent, with or without momentum. Optimizers that normalise gradients, such as Adam, undo it. @default 1
   */
  offsetLearningRateMultiplier?: number;
  /** Initializer of `offset_kernel`; with zeros the layer starts as a plain convolution. @default 'zeros' */
  offsetInitializer?: InitializerIdentifier;
}

/** Offsets and mask of one call, as deformConv2d takes them. */
interface TapOffsets {
  readonly offset: tf.Tensor4D;
  readonly mask: tf.Tensor4D | undefined;
}

/**
 * Convolution with learned sampling locations: a second convolution with the same window reads the input and predicts,
 * for every position and tap, an offset (and, in version 2, a weight). The offset convolution is zero-initialised, so
 * the layer starts as a plain convolution: exactly with `modulated: false` or `maskActivation: 'doubleSigmoid'`, and
 * times 0.5 with the default mask. Weights: `kernel` [kh, kw, inChannels / groups, filters] or, with `depthwise: true`,
 * `depthwise_kernel` [kh, kw, channels, depthMultiplier]; `bias`; `offset_kernel` [kh, kw, inChannels, offsetGroups ·
 * kh · kw · (2 or 3)] and `offset_bias`, offsets first, then mask logits.
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for a value out of range
 * @see Dai et al., "Deformable Convolutional Networks" (2017), section 2.1; Zhu et al., "Deformable ConvNets v2" (2018),
 * section 3.2
 * @example
 * ```ts
 * const layer = conv.layers.deformableConv2d({ filters: 8, kernelSize: 3, padding: 'same' });
 * const y = layer.apply(tf.ones([1, 8, 8, 4]));
 * console.log(y.shape); // [1, 8, 8, 8]
 * ```
 */
export class DeformableConv2D extends BaseConv implements DeformableLayer {
  static override readonly className: string = 'Convolutions>DeformableConv2D';

  readonly filters: number | null;
  readonly groups: number;
  readonly modulated: boolean;
  readonly maskActivation: MaskActivation;
  readonly offsetGroups: number;
  readonly depthwise: boolean;
  readonly depthMultiplier: number;
  readonly predictOffsets: boolean;
  readonly offsetLimit: number | null;
  readonly offsetLearningRateMultiplier: number;
  protected readonly window: LayerWindowOptions;
  private readonly kernelOptions: WeightOptions;
  private readonly offsetOptions: WeightOptions;
  private kernel!: tf.LayerVariable;
  private offsetKernel!: tf.LayerVariable;
  private offsetBias!: tf.LayerVariable;

  constructor(args: DeformableConv2DArgs) {
    super(args);
    const { action } = this;
    this.window = this.readWindow(args);
    this.modulated = toBoolean(action, 'modulated', args.modulated, true);
    this.maskActivation = checkOneOf(action, 'maskActivation', args.maskActivation ?? 'sigmoid', MASK_ACTIVATIONS);
    this.offsetGroups = checkInteger(action, 'offsetGroups', args.offsetGroups ?? 1, 1);
    this.depthwise = toBoolean(action, 'depthwise', args.depthwise, false);
    this.depthMultiplier = checkInteger(action, 'depthMultiplier', args.depthMultiplier ?? 1, 1);
    this.groups = checkInteger(action, 'groups', args.groups ?? 1, 1);
    this.filters = this.readFilters(args);
    this.predictOffsets = toBoolean(action, 'predictOffsets', args.predictOffsets, true);
    this.offsetLimit = isAbsent(args.offsetLimit) ? null : toNumber(action, 'offsetLimit', args.offsetLimit, 0, 0);
    this.offsetLearningRateMultiplier = toNumber(
      action,
      'offsetLearningRateMultiplier',
      args.offsetLearningRateMultiplier,
      1,
      0,
    );
    this.kernelOptions = this.readWeightOptions(args, 'kernel', 'glorotUniform');
    this.offsetOptions = this.readWeightOptions(args, 'offset', 'zeros');
    this.checkOptions(args);
  }

  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const inputs = Array.isArray(inputShape[0]) ? inputShape.length : 1;
    const fits = this.predictOffsets ? inputs === 1 : inputs === 2 || inputs === 3;
    if (!fits) {
      const wanted = this.predictOffsets ? 'x only' : '[x, offset] or [x, offset, mask]';
      const rule = `with predictOffsets = ${this.predictOffsets} the layer takes ${wanted}`;
      throw rangeError(this.action, rule, 'number of inputs', inputs);
    }
    super.build(inputShape);
  }

  get kernelSize(): readonly [number, number] {
    return this.window.kernelSize;
  }

  /**
   * Sampling locations of the taps for the given inputs: i·stride − padding + a·dilation + Δy, x alike.
   *
   * @param inputs x, or [x, offset] or [x, offset, mask], in the layer's data format
   * @returns locations in pixels of x, last axis (offset group, tap row-major, (y, x)), and the mask, channels last
   */
  tapLocations(inputs: tf.Tensor | tf.Tensor[]): TapLocations {
    const [locations, weights] = tf.tidy(() => {
      const images = this.toImages(inputs);
      const { offset, mask } = this.offsetsOf(images);
      const taps = tf.add<tf.Tensor4D>(offset, this.gridLocations(images[0].shape));
      return mask === undefined ? [taps] : [taps, tf.clone(mask)];
    });
    return { locations: locations, weights };
  }

  override describe(inputShapes: readonly tf.Shape[]): LayerDescription {
    const { convolutions, otherOps, windows } = super.describe(inputShapes);
    const use = this.useOn(inputShapes);
    const positions = use.outHeight * use.outWidth;
    const taps = this.taps;
    const predicted = this.predictOffsets ? positions * this.offsetChannels : 0;
    const logits = this.predictOffsets && this.modulated ? positions * this.offsetGroups * taps : 0;
    return {
      convolutions: convolutions ?? [],
      otherOps: {
        bias: (otherOps?.bias ?? 0) + predicted,
        activation: (otherOps?.activation ?? 0) + logits,
        sampling: positions * taps * use.inChannels,
      },
      windows: [{ ...windows[0], dataDependent: true }, POINTWISE_WINDOW],
    };
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      filters: this.filters,
      ...this.windowConfig(),
      groups: this.groups,
      modulated: this.modulated,
      maskActivation: this.maskActivation,
      offsetGroups: this.offsetGroups,
      depthwise: this.depthwise,
      depthMultiplier: this.depthMultiplier,
      predictOffsets: this.predictOffsets,
      offsetLimit: this.offsetLimit,
      offsetLearningRateMultiplier: this.offsetLearningRateMultiplier,
      offsetInitializer: toConfig(this.offsetOptions.initializer),
      precision: this.precision,
      ...this.weightConfig('kernel', this.kernelOptions),
      ...super.getConfig(),
    };
  }

  protected override outputChannels(inChannels: number): number {
    return this.filters ?? inChannels * this.depthMultiplier;
  }

  protected override buildKernels(inChannels: number): void {
    for (const [name, parts] of Object.entries({ groups: this.groups, offsetGroups: this.offsetGroups })) {
      checkDivides(this.action, name, parts, 'the input channels', inChannels);
    }
    const { kernelSize } = this.window;
    if (this.filters === null) {
      const channels =
        this.precision === 'half' ? [1, inChannels * this.depthMultiplier] : [inChannels, this.depthMultiplier];
      this.kernel = this.createKernel('depthwise_kernel', [...kernelSize, ...channels], this.kernelOptions);
    } else {
      this.kernel = this.createKernel(
        'kernel',
        [...kernelSize, inChannels / this.groups, this.filters],
        this.kernelOptions,
      );
    }
  }

  protected override buildMore(inChannels: number): void {
    if (!this.predictOffsets) return;
    const shape = [...this.window.kernelSize, inChannels, this.offsetChannels];
    this.offsetKernel = this.createWeight('offset_kernel', shape, this.offsetOptions);
    const bias = { initializer: tf.initializers.zeros(), regularizer: null, constraint: null };
    this.offsetBias = this.createWeight('offset_bias', [this.offsetChannels], bias);
  }

  protected override convolve(
    images: readonly [tf.Tensor4D, ...tf.Tensor4D[]],
    bias: tf.Tensor1D | undefined,
  ): tf.Tensor4D {
    const [x] = images;
    const { offset, mask } = this.offsetsOf(images);
    const kernel = this.kernel.read() as tf.Tensor4D;
    const channels = x.shape[3];
    // A depthwise deformable convolution is a grouped one with as many groups as channels.
    const filter =
      this.depthwise && this.precision === 'single'
        ? tf.reshape(kernel, [...this.window.kernelSize, 1, channels * this.depthMultiplier])
        : kernel;
    const groups = this.depthwise ? channels : this.groups;
    return deformConv2d(x, offset, filter as tf.Tensor4D, {
      mask,
      bias,
      ...this.opWindow,
      precision: this.precision,
      groups,
      offsetGroups: this.offsetGroups,
    });
  }

  protected override convolutions(use: ConvUse): readonly ConvolutionWork[] {
    const { kernelSize } = this.window;
    const { inChannels } = use;
    const positions = use.outHeight * use.outWidth;
    const groups = this.depthwise ? inChannels : this.groups;
    const outChannels = this.outputChannels(inChannels);
    const main: ConvolutionWork = { role: 'main', kernelSize, inChannels, outChannels, groups, positions };
    if (!this.predictOffsets) return [main];
    return [main, { role: 'offset', kernelSize, inChannels, outChannels: this.offsetChannels, groups: 1, positions }];
  }

  /** Offsets and mask of image batches, predicted or given. */
  private offsetsOf([x, ...given]: readonly [tf.Tensor4D, ...tf.Tensor4D[]]): TapOffsets {
    const [offset, mask] = this.predictOffsets ? this.predict(x) : given;
    const limit = this.offsetLimit;
    return { offset: limit === null ? offset : tf.clipByValue(offset, -limit, limit), mask };
  }

  private predict(x: tf.Tensor4D): [tf.Tensor4D, tf.Tensor4D?] {
    const rate = this.offsetLearningRateMultiplier;
    const predicted = conv2d(x, scaleGradient(this.offsetKernel.read() as tf.Tensor4D, rate), {
      bias: scaleGradient(this.offsetBias.read() as tf.Tensor1D, rate),
      ...this.opWindow,
    });
    if (!this.modulated) return [predicted];
    const taps = this.offsetGroups * this.taps;
    const [offset, logits] = tf.split(predicted, [2 * taps, taps], 3) as [tf.Tensor4D, tf.Tensor4D];
    const mask = tf.sigmoid(logits);
    return [offset, this.maskActivation === 'doubleSigmoid' ? tf.mul(mask, 2) : mask];
  }

  /** Sampling locations at zero offsets, [outH, outW, offsetGroups · taps · 2], for an image batch. */
  private gridLocations(imageShape: tf.Shape): tf.Tensor3D {
    const { outHeight, outWidth, strides, dilations, padTop, padLeft } = this.slide(imageShape[1]!, imageShape[2]!);
    const [kernelHeight, kernelWidth] = this.kernelSize;
    const values: number[] = [];
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++) {
        for (let group = 0; group < this.offsetGroups; group++) {
          for (let a = 0; a < kernelHeight; a++) {
            for (let b = 0; b < kernelWidth; b++) {
              values.push(i * strides[0] - padTop + a * dilations[0], j * strides[1] - padLeft + b * dilations[1]);
            }
          }
        }
      }
    }
    return tf.tensor3d(values, [outHeight, outWidth, this.offsetGroups * this.taps * 2]);
  }

  /** Reads the number of output channels: `filters`, or null for a depthwise layer, where it follows from the input. */
  private readFilters(args: DeformableConv2DArgs): number | null {
    if (!this.depthwise) {
      if (this.depthMultiplier !== 1) {
        throw rangeError(
          this.action,
          'depthMultiplier requires depthwise: true',
          'depthMultiplier',
          this.depthMultiplier,
        );
      }
      const filters = checkInteger(this.action, 'filters', args.filters, 1);
      if (filters % this.groups === 0) return filters;
      throw rangeError(this.action, `groups must divide filters (${filters})`, 'groups', this.groups);
    }
    if (!isAbsent(args.filters)) {
      throw typeError(this.action, 'a depthwise layer has depthMultiplier instead of filters', 'filters', args.filters);
    }
    if (this.groups !== 1) {
      throw rangeError(this.action, 'a depthwise layer has one group per channel', 'groups', this.groups);
    }
    return null;
  }

  private get taps(): number {
    return this.window.kernelSize[0] * this.window.kernelSize[1];
  }

  /** Number of output channels of the offset convolution. */
  private get offsetChannels(): number {
    return this.offsetGroups * this.taps * (this.modulated ? 3 : 2);
  }
}
