/**
 * Spatially separable convolution: a column of taps followed by a row of taps (or the other way round), with few
 * channels in between. vertical_kernel [kh, 1, in, out], horizontal_kernel [1, kw, in, out].
 */
import * as tf from '@tensorflow/tfjs';
import { checkInteger, checkOneOf, typeError } from '../errors.js';
import { toFused, type FusedActivation } from '../kernel/fused_activation.js';
import type { PaddingMode } from '../kernel/geometry.js';
import { conv2d, type Conv2DOptions } from '../ops/conv2d/op.js';
import {
  BaseConv,
  type BaseConvArgs,
  type ConvUse,
  type LayerWindowOptions,
  type PaddingModeArgs,
  type WindowArgs,
} from './base_conv.js';
import { isAbsent, toActivation, type Activation, type ActivationIdentifier, type WeightOptions } from './config.js';
import type { ConvolutionWork, LayerDescription } from './description.js';
import type { KernelArgs } from './filter_conv.js';
import { checkLayerArgs } from './layer_args.js';
import { separateKernel, type SeparatedKernel } from './separate_kernel.js';

const ORDERS = ['verticalFirst', 'horizontalFirst'] as const;

/**
 * Order of the two convolutions: column first, or row first.
 *
 * @useDeclaredType
 */
export type SeparableOrder = (typeof ORDERS)[number];

/** Arguments of {@link SpatiallySeparableConv2D}. */
export interface SpatiallySeparableConv2DArgs extends BaseConvArgs, WindowArgs, PaddingModeArgs, KernelArgs {
  /** Number of output channels. */
  filters: number;
  /** Number of channels between the two convolutions. @default filters */
  rank?: number;
  /** Order of the two convolutions. @default 'verticalFirst' */
  order?: SeparableOrder;
  /** Activation between the two convolutions; with `'linear'` the layer is a single low-rank convolution. @default 'linear' */
  midActivation?: ActivationIdentifier;
}

/** Arguments of {@link SpatiallySeparableConv2D.fromKernel}: those of the layer that do not follow from the kernel. */
export type FromKernelArgs = Omit<SpatiallySeparableConv2DArgs, 'filters' | 'kernelSize' | 'midActivation' | 'weights'>;

/** Result of {@link SpatiallySeparableConv2D.fromKernel}. */
export interface FactoredKernel {
  /** A built layer with the factors as its kernels. */
  readonly layer: SpatiallySeparableConv2D;
  /** Norm of the residual over the norm of the kernel: 0, up to rounding, if the factors are exact. */
  readonly loss: number;
  /** All singular values of the kernel in descending order; the first `rank` are kept. */
  readonly singularValues: readonly number[];
}

/**
 * A k×1 convolution to `rank` channels, then a 1×k convolution: k·rank·(inChannels + filters) weights instead of
 * k²·inChannels·filters. Each convolution takes strides, padding and dilation along its own axis, so that the layer has
 * the geometry of a full convolution with the same options.
 *
 * Weights: `vertical_kernel` [kh, 1, inChannels, rank] and `horizontal_kernel` [1, kw, rank, filters], or, with
 * `order: 'horizontalFirst'`, `horizontal_kernel` [1, kw, inChannels, rank] and `vertical_kernel` [kh, 1, rank, filters];
 * then `bias` [filters].
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for a value out of range
 * @see Jaderberg, Vedaldi and Zisserman, "Speeding up Convolutional Neural Networks with Low Rank Expansions" (2014),
 * section 2.1, scheme 2; Szegedy et al., "Rethinking the Inception Architecture" (2016), section 3.2
 * @example
 * ```ts
 * const sobel = tf.tensor2d([[1, 0, -1], [2, 0, -2], [1, 0, -1]]);
 * const { layer, loss } = await conv.SpatiallySeparableConv2D.fromKernel(sobel, { padding: 'same' });
 * console.log(layer.countParams(), loss < 1e-7); // 6 true
 * ```
 */
export class SpatiallySeparableConv2D extends BaseConv {
  static override readonly className: string = 'Convolutions>SpatiallySeparableConv2D';

  readonly filters: number;
  readonly rank: number;
  readonly order: SeparableOrder;
  readonly paddingMode: PaddingMode;
  protected readonly window: LayerWindowOptions;
  private readonly midActivation: Activation;
  private readonly kernelOptions: WeightOptions;
  private first!: tf.LayerVariable;
  private second!: tf.LayerVariable;

  constructor(args: SpatiallySeparableConv2DArgs) {
    super(args);
    const { action } = this;
    this.filters = checkInteger(action, 'filters', args.filters, 1);
    this.window = this.readWindow(args);
    this.paddingMode = this.readPaddingMode(args);
    this.rank = checkInteger(action, 'rank', args.rank ?? this.filters, 1);
    this.order = checkOneOf(action, 'order', args.order ?? 'verticalFirst', ORDERS);
    this.midActivation = toActivation(action, 'midActivation', args.midActivation);
    this.kernelOptions = this.readWeightOptions(args, 'kernel', 'glorotUniform');
    this.checkOptions(args);
  }

  /**
   * Factors a given kernel by its singular values into the best layer of a given rank, and returns the approximation
   * error. A kernel of rank 1, such as Sobel's or a Gaussian, is reproduced exactly; a general k×k kernel has rank k.
   *
   * @param kernel [kh, kw], for one channel, or [kh, kw, inChannels, filters]; an array of rows, or a float32 tensor
   * @param args `rank` (by default the kernel's own, which is exact) and arguments of the layer; bias is off by default
   * @returns the layer, its loss and the singular values; see {@link FactoredKernel}
   * @throws TypeError for a wrong type; RangeError for a tensor of another rank, or a `rank` above that of any such
   * kernel
   */
  static async fromKernel(
    kernel: tf.Tensor2D | tf.Tensor4D | readonly (readonly number[])[],
    args: FromKernelArgs = {},
  ): Promise<FactoredKernel> {
    checkLayerArgs('SpatiallySeparableConv2D', args, SpatiallySeparableConv2D.dtypes);
    for (const name of ['filters', 'kernelSize', 'midActivation', 'weights']) {
      if (!Object.hasOwn(args, name)) continue;
      const value = (args as Readonly<Record<string, unknown>>)[name];
      throw typeError('factor a kernel', `${name} follows from the kernel`, name, value);
    }
    const { rank, ...rest } = args;
    const order = checkOneOf('factor a kernel', 'order', args.order ?? 'verticalFirst', ORDERS);
    const separated = await separateKernel(kernel, order === 'horizontalFirst', isAbsent(rank) ? undefined : rank);
    const { kernelSize, inChannels, filters, loss, singularValues } = separated;
    const options = { useBias: false, ...rest, order, kernelSize, filters, rank: separated.rank };
    const layer = new SpatiallySeparableConv2D(options);
    layer.assignFactors(separated, inChannels);
    return { layer, loss, singularValues };
  }

  override describe(inputShapes: readonly tf.Shape[]): LayerDescription {
    const description = super.describe(inputShapes);
    const { positions, outChannels } = description.convolutions![0]!;
    const between = this.midActivation.identifier === 'linear' ? 0 : positions * outChannels;
    const { otherOps } = description;
    return { ...description, otherOps: { ...otherOps, activation: (otherOps?.activation ?? 0) + between } };
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      filters: this.filters,
      ...this.windowConfig(),
      paddingMode: this.paddingMode,
      rank: this.rank,
      order: this.order,
      midActivation: this.midActivation.identifier,
      ...this.weightConfig('kernel', this.kernelOptions),
      ...super.getConfig(),
    };
  }

  protected override outputChannels(): number {
    return this.filters;
  }

  protected override buildKernels(inChannels: number): void {
    const create = (axis: 0 | 1, from: number, to: number): tf.LayerVariable =>
      this.createWeight(NAMES[axis], [...this.taps(axis), from, to], this.kernelOptions);
    const [first, second] = this.axes;
    this.first = create(first, inChannels, this.rank);
    this.second = create(second, this.rank, this.filters);
  }

  protected override get fusedActivation(): FusedActivation {
    return toFused(this.activation.identifier) ?? 'linear';
  }

  protected override convolve([x]: readonly [tf.Tensor4D], bias: tf.Tensor1D | undefined): tf.Tensor4D {
    const [first, second] = this.axes;
    const along = (axis: 0 | 1, image: tf.Tensor4D, kernel: tf.LayerVariable, end: Conv2DOptions = {}): tf.Tensor4D =>
      conv2d(image, kernel.read() as tf.Tensor4D, {
        ...end,
        ...this.axisWindow(axis),
        paddingMode: this.paddingMode,
      });
    const middle = this.midActivation.apply(along(first, x, this.first));
    return along(second, middle, this.second, { bias, activation: this.fusedActivation });
  }

  protected override convolutions(use: ConvUse): readonly ConvolutionWork[] {
    const [first, second] = this.axes;
    // The first convolution has not yet strided along the other axis.
    const between = first === 0 ? use.outHeight * use.inWidth : use.inHeight * use.outWidth;
    const work = { role: 'main', groups: 1 } as const;
    const { rank, filters } = this;
    return [
      { ...work, kernelSize: this.taps(first), inChannels: use.inChannels, outChannels: rank, positions: between },
      {
        ...work,
        kernelSize: this.taps(second),
        inChannels: rank,
        outChannels: filters,
        positions: use.outHeight * use.outWidth,
      },
    ];
  }

  /** Axes of the two convolutions in order, 0 for y and 1 for x. */
  private get axes(): readonly [0 | 1, 0 | 1] {
    return this.order === 'verticalFirst' ? [0, 1] : [1, 0];
  }

  private taps(axis: 0 | 1): readonly [number, number] {
    const size = this.window.kernelSize[axis];
    return axis === 0 ? [size, 1] : [1, size];
  }

  /** Window options along one axis. */
  private axisWindow(axis: 0 | 1): typeof this.opWindow {
    const { padding, dilationRate } = this.window;
    const along = <T>(value: T, otherwise: T): [T, T] => (axis === 0 ? [value, otherwise] : [otherwise, value]);
    return {
      strides: along(this.strides[axis], 1),
      dilations: along(dilationRate[axis], 1),
      padding: typeof padding === 'string' ? padding : along<readonly [number, number]>(padding[axis], [0, 0]),
    };
  }

  /** Builds the layer, as a call on an image does, and assigns its kernels. */
  private assignFactors({ first, second }: SeparatedKernel, inChannels: number): void {
    tf.tidy(() => {
      const { kernelSize, dilationRate } = this.window;
      const size = kernelSize.map((taps, axis) => taps * dilationRate[axis]!);
      this.apply(tf.zeros(this.dataFormat === 'channelsFirst' ? [1, inChannels, ...size] : [1, ...size, inChannels]));
      const [firstAxis, secondAxis] = this.axes;
      const bias = this.getWeights().slice(2);
      this.setWeights([
        tf.tensor(first, [...this.taps(firstAxis), inChannels, this.rank]),
        tf.tensor(second, [...this.taps(secondAxis), this.rank, this.filters]),
        ...bias,
      ]);
    });
  }
}

/** Names of the kernels, by axis. */
const NAMES = ['vertical_kernel', 'horizontal_kernel'] as const;
