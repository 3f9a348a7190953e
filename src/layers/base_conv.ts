/**
 * The part that all convolution layers share: window, bias, activation and data format. A subclass adds its kernels,
 * the one operation that applies them, and its own arguments.
 *
 * Images are [n, h, w, c] inside; a `channelsFirst` layer transposes at its border.
 */
import * as tf from '@tensorflow/tfjs';
import { checkOneOf, rangeError, typeError } from '../errors.js';
import {
  dilatedExtent,
  normalizePadding,
  PADDING_MODES,
  resolveWindow,
  toPair,
  type Padding,
  type PaddingMode,
  type Pair,
  type ResolvedWindow,
} from '../ops/geometry.js';
import { BaseLayer, toShapes } from './base_layer.js';
import {
  isAbsent,
  toActivation,
  toBoolean,
  toDataFormat,
  type Activation,
  type ActivationIdentifier,
  type ConstraintIdentifier,
  type DataFormat,
  type InitializerIdentifier,
  type LayerArgs,
  type RegularizerIdentifier,
  type WeightOptions,
} from './config.js';
import type { ConvolutionWork, LayerDescription } from './description.js';

/** Arguments of every convolution layer. */
export interface BaseConvArgs extends LayerArgs {
  /** Step of the window, in input pixels. @default 1 */
  strides?: Pair;
  /** @default 'channelsLast' */
  dataFormat?: DataFormat;
  /** Applied to the output; softmax runs over the channels. @default 'linear' */
  activation?: ActivationIdentifier;
  /** Whether each output channel has a number added to it. @default true */
  useBias?: boolean;
  /** @default 'zeros' */
  biasInitializer?: InitializerIdentifier;
  /** @default none */
  biasRegularizer?: RegularizerIdentifier;
  /** @default none */
  biasConstraint?: ConstraintIdentifier;
}

/** Arguments of layers whose kernel has a size. */
export interface WindowArgs {
  /** Size of the kernel in taps. */
  kernelSize: Pair;
  /** `'same'`, `'valid'`, a number, [height, width] or [[top, bottom], [left, right]] in pixels. @default 'valid' */
  padding?: Padding;
  /** Distance between taps, in input pixels. @default 1 */
  dilationRate?: Pair;
}

/** Arguments of layers that can look at something else than zeros outside the image. */
export interface PaddingModeArgs {
  /** What stands outside the image. @default 'zeros' */
  paddingMode?: PaddingMode;
}

/** What a layer takes where its user gives nothing. */
export interface WindowDefaults {
  readonly padding: Padding;
  readonly dilationRate: number;
}

const KERAS_DEFAULTS: WindowDefaults = { padding: 'valid', dilationRate: 1 };

/** A window as layers keep it: all defaults filled in. */
export interface LayerWindowOptions {
  readonly kernelSize: readonly [number, number];
  readonly padding: ReturnType<typeof normalizePadding>;
  readonly dilationRate: readonly [number, number];
}

/** Shape and place of one use of the layer, channels last. */
export interface ConvUse extends ResolvedWindow {
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
}

/** What `call` receives besides tensors. */
export type CallArgs = Record<string, unknown>;

/** Axes of [n, c, h, w] in the order of [n, h, w, c], and back. */
const TO_LAST = [0, 2, 3, 1];
const TO_FIRST = [0, 3, 1, 2];

export abstract class BaseConv extends BaseLayer {
  readonly strides: readonly [number, number];
  readonly dataFormat: DataFormat;
  readonly useBias: boolean;
  protected readonly activation: Activation;
  protected readonly biasOptions: WeightOptions;
  private biasWeight: tf.LayerVariable | undefined;

  constructor(args: BaseConvArgs) {
    super(args);
    this.strides = toPair(this.action, 'strides', args.strides ?? 1, 1);
    this.dataFormat = toDataFormat(this.action, args.dataFormat);
    this.activation = toActivation(this.action, 'activation', args.activation);
    this.useBias = toBoolean(this.action, 'useBias', args.useBias, true);
    this.biasOptions = this.readWeightOptions(args, 'bias', 'zeros');
  }

  /** Kernel size, padding and dilation. */
  protected abstract readonly window: LayerWindowOptions;

  protected abstract outputChannels(inChannels: number): number;

  /** Creates the kernels; the bias follows them. */
  protected abstract buildKernels(inChannels: number): void;

  /** The convolution itself, channels last. */
  protected abstract convolve(
    inputs: readonly [tf.Tensor4D, ...tf.Tensor4D[]],
    bias: tf.Tensor1D | undefined,
    call: CallArgs,
  ): tf.Tensor4D;

  /** The convolutions of one image, for the analysis. */
  protected abstract convolutions(use: ConvUse): readonly ConvolutionWork[];

  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const shapes = toShapes(inputShape).map((shape) => this.channelsLast(shape));
    const inChannels = shapes[0]?.[3];
    if (isAbsent(inChannels)) {
      throw rangeError(this.action, 'the number of input channels must be known', 'input shape', inputShape);
    }
    this.buildKernels(inChannels);
    if (this.useBias) this.biasWeight = this.createWeight('bias', [this.outputChannels(inChannels)], this.biasOptions);
    this.buildMore?.(inChannels);
    const axis = this.dataFormat === 'channelsFirst' ? 1 : 3;
    this.inputSpec = shapes.map((shape) => {
      const channels = shape[3];
      return new tf.InputSpec({ ndim: 4, ...(isAbsent(channels) ? {} : { axes: { [axis]: channels } }) });
    });
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: CallArgs): tf.Tensor {
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      const images = this.toImages(inputs);
      const y = this.activation.apply(
        this.convolve(images, this.biasWeight?.read() as tf.Tensor1D | undefined, kwargs),
      );
      return this.dataFormat === 'channelsFirst' ? tf.transpose(y, TO_FIRST) : y;
    });
  }

  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    const image = toShapes(inputShape)[0];
    if (image === undefined) throw typeError(this.action, 'an input is needed', 'inputs', inputShape);
    const [batch = null, height = null, width = null, inChannels] = this.channelsLast(image);
    if (isAbsent(inChannels)) {
      throw rangeError(this.action, 'the number of input channels must be known', 'input shape', image);
    }
    const window = this.slide(height, width);
    const out = [height === null ? null : window.outHeight, width === null ? null : window.outWidth];
    const channels = this.outputChannels(inChannels);
    return this.dataFormat === 'channelsFirst' ? [batch, channels, ...out] : [batch, ...out, channels];
  }

  describe(inputShapes: readonly tf.Shape[]): LayerDescription {
    const use = this.useOn(inputShapes);
    const written = use.outHeight * use.outWidth * this.outputChannels(use.inChannels);
    const { kernelSize } = this.window;
    return {
      convolutions: this.convolutions(use),
      otherOps: {
        bias: this.useBias ? written : 0,
        activation: this.activation.identifier === 'linear' ? 0 : written,
      },
      windows: [
        {
          size: [dilatedExtent(kernelSize[0], use.dilations[0]), dilatedExtent(kernelSize[1], use.dilations[1])],
          strides: use.strides,
          padding: [use.padTop, use.padLeft],
        },
      ],
    };
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      strides: [...this.strides],
      dataFormat: this.dataFormat,
      activation: this.activation.identifier,
      useBias: this.useBias,
      ...this.weightConfig('bias', this.biasOptions),
      ...super.getConfig(),
    };
  }

  /** Creates the weights that come after the bias, where there are any. */
  protected buildMore?(inChannels: number): void;

  /** Reads kernelSize, padding and dilationRate. */
  protected readWindow(args: WindowArgs, defaults: WindowDefaults = KERAS_DEFAULTS): LayerWindowOptions {
    return {
      kernelSize: toPair(this.action, 'kernelSize', args.kernelSize, 1),
      padding: normalizePadding(this.action, args.padding ?? defaults.padding),
      dilationRate: toPair(this.action, 'dilationRate', args.dilationRate ?? defaults.dilationRate, 1),
    };
  }

  protected readPaddingMode(args: PaddingModeArgs): PaddingMode {
    return checkOneOf(this.action, 'paddingMode', args.paddingMode ?? 'zeros', PADDING_MODES);
  }

  /** The config entries that {@link readWindow} reads back. */
  protected windowConfig(): tf.serialization.ConfigDict {
    const { kernelSize, padding, dilationRate } = this.window;
    return {
      kernelSize: [...kernelSize],
      padding: typeof padding === 'string' ? padding : padding.map((sides) => [...sides]),
      dilationRate: [...dilationRate],
    };
  }

  /** What an op takes of the window. */
  protected get opWindow(): { strides: Pair; padding: Padding; dilations: Pair } {
    return { strides: this.strides, padding: this.window.padding, dilations: this.window.dilationRate };
  }

  /** The inputs as image batches, channels last. */
  protected toImages(inputs: tf.Tensor | tf.Tensor[]): [tf.Tensor4D, ...tf.Tensor4D[]] {
    const images = (Array.isArray(inputs) ? inputs : [inputs]) as tf.Tensor4D[];
    const first = this.dataFormat === 'channelsFirst';
    return images.map((image) => (first ? tf.transpose(image, TO_LAST) : image)) as [tf.Tensor4D, ...tf.Tensor4D[]];
  }

  /** Geometry of the layer over inputs of known shapes. */
  protected useOn(inputShapes: readonly tf.Shape[]): ConvUse {
    const [, inHeight, inWidth, inChannels] = this.channelsLast(inputShapes[0] ?? []);
    if (isAbsent(inHeight) || isAbsent(inWidth) || isAbsent(inChannels)) {
      throw rangeError(`describe layer '${this.name}'`, 'all sizes must be known', 'input shape', inputShapes[0]);
    }
    return { inHeight, inWidth, inChannels, ...this.slide(inHeight, inWidth) };
  }

  /** The window over an image; a size that is not known counts as one that fits. */
  protected slide(height: number | null, width: number | null): ResolvedWindow {
    const { kernelSize, dilationRate } = this.window;
    const size: [number, number] = [
      height ?? dilatedExtent(kernelSize[0], dilationRate[0]),
      width ?? dilatedExtent(kernelSize[1], dilationRate[1]),
    ];
    return resolveWindow(this.action, size, kernelSize, this.opWindow);
  }

  private channelsLast(shape: tf.Shape): tf.Shape {
    if (shape.length !== 4) {
      throw rangeError(this.action, 'inputs must be image batches of rank 4', 'input shape', shape);
    }
    return this.dataFormat === 'channelsFirst' ? TO_LAST.map((axis) => shape[axis] ?? null) : shape;
  }
}
