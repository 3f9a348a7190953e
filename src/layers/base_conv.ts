/**
 * Base class of all convolution layers: window, bias, activation and data format. A subclass adds its kernels, the
 * operator that applies them, and its own arguments.
 */
import type * as tf from '@tensorflow/tfjs';
import { checkOneOf, rangeError } from '../errors.js';
import type { FusedActivation } from '../kernel/fused_activation.js';
import {
  checkExtent,
  dilatedExtent,
  normalizePadding,
  PADDING_MODES,
  resolveWindow,
  toPair,
  type Padding,
  type PaddingMode,
  type Pair,
  type ResolvedWindow,
} from '../kernel/geometry.js';
import type { Precision } from '../kernel/half.js';
import { slidingReads } from './axis_reads.js';
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
import type { ConvolutionWork, LayerDescription } from './description.js';
import {
  packedInitializer,
  packedKernelShape,
  readKernelPrecision,
  readPackedImages,
  type HalfImageArgs,
  type PackedImages,
} from './half_storage.js';
import {
  ImageLayer,
  type CallArgs,
  type ImageLayerArgs,
  type Images,
  type ImageSize,
  type OutputSize,
} from './image_layer.js';
import { readingWindow } from './reading_window.js';
import { setSymbolicType } from './symbolic_type.js';

/** Arguments of every convolution layer. */
export interface BaseConvArgs extends ImageLayerArgs {
  /** Stride of the window, in input pixels. @default 1 */
  strides?: Pair;
  /**
   * Activation of the output: a name that tf.layers accepts, or 'hardSwish'; softmax runs over the channels.
   * @default 'linear'
   */
  activation?: ActivationIdentifier;
  /** Whether to add a bias. @default true */
  useBias?: boolean;
  /** @default 'zeros' */
  biasInitializer?: InitializerIdentifier;
  /** @default none */
  biasRegularizer?: RegularizerIdentifier;
  /** @default none */
  biasConstraint?: ConstraintIdentifier;
}

/** Arguments of layers with a kernel size. */
export interface WindowArgs {
  /** Kernel size in taps. */
  kernelSize: Pair;
  /** Padding: `'same'`, `'valid'`, a number, [height, width] or [[top, bottom], [left, right]] in pixels. @default 'valid' */
  padding?: Padding;
  /** Spacing between taps, in input pixels. @default 1 */
  dilationRate?: Pair;
}

/** Arguments of layers that can pad with other values than zeros. */
export interface PaddingModeArgs {
  /** How to pad the image. @default 'zeros' */
  paddingMode?: PaddingMode;
}

/** Defaults for omitted options. */
export interface WindowDefaults {
  readonly padding: Padding;
  readonly dilationRate: number;
}

const KERAS_DEFAULTS: WindowDefaults = { padding: 'valid', dilationRate: 1 };

/** Normalised window options, with all defaults filled in. */
export interface LayerWindowOptions {
  readonly kernelSize: readonly [number, number];
  readonly padding: ReturnType<typeof normalizePadding>;
  readonly dilationRate: readonly [number, number];
}

/** Geometry and input size of one call of the layer, channels last. */
export interface ConvUse extends ResolvedWindow, ImageSize {}

/** Convolution with a sliding window, bias and activation, whatever its kernels. */
export abstract class BaseConv extends ImageLayer {
  readonly strides: readonly [number, number];
  readonly useBias: boolean;
  protected readonly activation: Activation;
  protected readonly biasOptions: WeightOptions;
  /** Single, unless a subclass takes {@link PrecisionArgs}. */
  readonly precision: Precision;
  /** None, unless a subclass takes {@link HalfImageArgs}. */
  readonly packedImages: PackedImages;
  private biasWeight: tf.LayerVariable | undefined;

  constructor(args: BaseConvArgs & HalfImageArgs) {
    super(args);
    this.precision = readKernelPrecision(this.action, args);
    this.packedImages = readPackedImages(this.action, args, this.dataFormat === 'channelsLast');
    this.strides = toPair(this.action, 'strides', args.strides ?? 1, 1);
    this.activation = toActivation(this.action, 'activation', args.activation);
    this.useBias = toBoolean(this.action, 'useBias', args.useBias, true);
    this.biasOptions = this.readWeightOptions(args, 'bias', 'zeros');
  }

  /** Kernel size, padding and dilation. */
  protected abstract readonly window: LayerWindowOptions;

  protected abstract outputChannels(inChannels: number): number;

  /** Creates the kernels; the bias is created after them. */
  protected abstract buildKernels(inChannels: number): void;

  /** Activation that {@link convolve} fuses into its kernel; the layer applies all others. */
  protected get fusedActivation(): FusedActivation {
    return 'linear';
  }

  /** Applies the convolution with bias and fused activation, channels last. */
  protected abstract convolve(
    inputs: readonly [tf.Tensor4D, ...tf.Tensor4D[]],
    bias: tf.Tensor1D | undefined,
    call: CallArgs,
  ): tf.Tensor4D;

  /** Convolutions of one image, for the analysis. */
  protected abstract convolutions(use: ConvUse): readonly ConvolutionWork[];

  override apply(...call: Parameters<tf.layers.Layer['apply']>): ReturnType<tf.layers.Layer['apply']> {
    const output = super.apply(...call);
    return this.packsOutput ? setSymbolicType(output, 'int32') : output;
  }

  protected override buildWeights(channels: number): void {
    const inChannels = this.unpackedChannels(channels);
    this.buildKernels(inChannels);
    if (this.useBias) this.biasWeight = this.createWeight('bias', [this.outputChannels(inChannels)], this.biasOptions);
    this.buildMore?.(inChannels);
  }

  /** Creates a kernel; in half precision, its values are packed along the last axis. */
  protected createKernel(name: string, shape: number[], options: WeightOptions): tf.LayerVariable {
    if (this.precision === 'single') return this.createWeight(name, shape, options);
    const initializer = packedInitializer(this.action, options, shape);
    return this.addWeight(name, packedKernelShape(this.action, shape), 'int32', initializer, undefined, false);
  }

  /** Number of channels of the values of an input image with this many. */
  private unpackedChannels(channels: number): number {
    return this.packedImages === 'input' || this.packedImages === 'both' ? 2 * channels : channels;
  }

  private get packsOutput(): boolean {
    return this.packedImages === 'output' || this.packedImages === 'both';
  }

  /** Precision options of the operator. */
  protected get opPrecision(): { precision: Precision; outputPrecision: Precision } {
    return { precision: this.precision, outputPrecision: this.packsOutput ? 'half' : 'single' };
  }

  protected override compute(images: Images, call: CallArgs): tf.Tensor4D {
    const y = this.convolve(images, this.biasWeight?.read() as tf.Tensor1D | undefined, call);
    return this.fusedActivation === 'linear' ? this.activation.apply(y) : y;
  }

  protected override outputSize(height: number | null, width: number | null, channels: number): OutputSize {
    const window = this.slide(height, width);
    const outChannels = this.outputChannels(this.unpackedChannels(channels));
    if (this.packsOutput && outChannels % 2 !== 0) {
      const rule = 'a packed output has an even number of channels';
      throw rangeError(this.action, rule, 'number of output channels', outChannels);
    }
    return [
      height === null ? null : window.outHeight,
      width === null ? null : window.outWidth,
      this.packsOutput ? outChannels / 2 : outChannels,
    ];
  }

  describe(inputShapes: readonly tf.Shape[]): LayerDescription {
    const use = this.useOn(inputShapes);
    const outputElements = use.outHeight * use.outWidth * this.outputChannels(use.inChannels);
    const { kernelSize } = this.window;
    return {
      convolutions: this.convolutions(use),
      otherOps: {
        bias: this.useBias ? outputElements : 0,
        activation: this.activation.identifier === 'linear' ? 0 : outputElements,
      },
      windows: [
        readingWindow(
          slidingReads(kernelSize[0], use.strides[0], use.dilations[0], use.padTop),
          slidingReads(kernelSize[1], use.strides[1], use.dilations[1], use.padLeft),
        ),
      ],
    };
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      strides: [...this.strides],
      activation: this.activation.identifier,
      useBias: this.useBias,
      ...this.weightConfig('bias', this.biasOptions),
      ...super.getConfig(),
    };
  }

  /** Creates the weights that follow the bias, if any. */
  protected buildMore?(inChannels: number): void;

  /** Defaults of the window: a getter, since the constructor of a base class reads it. */
  protected get windowDefaults(): WindowDefaults {
    return KERAS_DEFAULTS;
  }

  /** Reads kernelSize, padding and dilationRate from the arguments. */
  protected readWindow(args: WindowArgs): LayerWindowOptions {
    const defaults = this.windowDefaults;
    const kernelSize = toPair(this.action, 'kernelSize', args.kernelSize, 1);
    const dilationRate = toPair(this.action, 'dilationRate', args.dilationRate ?? defaults.dilationRate, 1);
    checkExtent(this.action, kernelSize, dilationRate);
    return { kernelSize, padding: normalizePadding(this.action, args.padding ?? defaults.padding), dilationRate };
  }

  protected readPaddingMode(args: PaddingModeArgs): PaddingMode {
    return checkOneOf(this.action, 'paddingMode', args.paddingMode ?? 'zeros', PADDING_MODES);
  }

  /** Config entries that {@link readWindow} reads back. */
  protected windowConfig(): tf.serialization.ConfigDict {
    const { kernelSize, padding, dilationRate } = this.window;
    return {
      kernelSize: [...kernelSize],
      padding: typeof padding === 'string' ? padding : padding.map((sides) => [...sides]),
      dilationRate: [...dilationRate],
    };
  }

  /** Window options in the form that operators take. */
  protected get opWindow(): { strides: Pair; padding: Padding; dilations: Pair } {
    return { strides: this.strides, padding: this.window.padding, dilations: this.window.dilationRate };
  }

  /** Geometry of the layer for fully known input shapes. */
  protected useOn(inputShapes: readonly tf.Shape[]): ConvUse {
    const image = this.imageSize(inputShapes);
    const size = { ...image, inChannels: this.unpackedChannels(image.inChannels) };
    return { ...size, ...this.slide(size.inHeight, size.inWidth) };
  }

  /** Slides the window over an image; an unknown size counts as one that fits. */
  protected slide(height: number | null, width: number | null): ResolvedWindow {
    const { kernelSize, dilationRate } = this.window;
    const size: [number, number] = [
      height ?? dilatedExtent(kernelSize[0], dilationRate[0]),
      width ?? dilatedExtent(kernelSize[1], dilationRate[1]),
    ];
    return resolveWindow(this.action, size, kernelSize, this.opWindow);
  }
}
