/** Transposed convolution layer. kernel [kh, kw, filters / groups, inChannels], as in Keras. */
import type * as tf from '@tensorflow/tfjs';
import type { FusedActivation } from '../kernel/fused_activation.js';
import { toPair, type PaddingMode, type Pair, type ResolvedWindow } from '../kernel/geometry.js';
import { conv2dTranspose } from '../ops/conv2d_transpose/op.js';
import { resolveTransposed } from '../ops/conv2d_transpose/window.js';
import { transposedReads, type AxisReads } from './axis_reads.js';
import type { ConvUse, LayerWindowOptions, WindowArgs } from './base_conv.js';
import { isAbsent } from './config.js';
import type { ConvolutionWork, LayerDescription, LayerWindow } from './description.js';
import { FilterConv, type FilterConvArgs } from './filter_conv.js';
import { readingWindow } from './reading_window.js';

/** Arguments of {@link Conv2DTranspose}; `padding` is that of the forward convolution from output to input. */
export interface Conv2DTransposeArgs extends FilterConvArgs, WindowArgs {
  /**
   * Extra rows and columns at the bottom and right of the output. Must be below max(stride, dilation) with numeric
   * padding, and below the stride with `'same'` and `'valid'`. @default 0 for numeric padding; for `'same'` and
   * `'valid'` the value that gives output sizes i·s and max(k̂, s) + (i − 1)·s
   */
  outputPadding?: Pair | null;
}

/**
 * Transposed convolution (also called fractionally strided convolution or, wrongly, deconvolution): upsamples by its
 * strides. It undoes the change of size of a convolution with the same options, not the change of values.
 *
 * With k̂ = (k − 1)·dilationRate + 1 the output size is, for numeric padding, (i − 1)·s − p₀ − p₁ + k̂ + outputPadding
 * (as PyTorch); for `'valid'` max(k̂, s) + (i − 1)·s, or (i − 1)·s + k̂ + outputPadding if that is given; and for
 * `'same'` i·s, or (i − 1)·s + k̂ mod 2 + outputPadding (as Keras). Unlike `tf.layers.conv2dTranspose` it supports
 * `outputPadding`, dilation and groups. A kernel size that is not a multiple of the stride gives checkerboard
 * artefacts.
 *
 * Weights: `kernel` [kh, kw, filters / groups, inChannels], `bias` [filters].
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for a value out of range
 * @see Dumoulin and Visin, "A guide to convolution arithmetic for deep learning" (2016), section 4;
 * keras.layers.Conv2DTranspose; torch.nn.ConvTranspose2d
 * @example
 * ```ts
 * const layer = conv.layers.conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2, padding: 'same', outputPadding: 1 });
 * const y = layer.apply(tf.ones([1, 4, 4, 3]));
 * console.log(y.shape); // [1, 8, 8, 2]
 * ```
 */
export class Conv2DTranspose extends FilterConv {
  static override readonly className: string = 'Convolutions>Conv2DTranspose';

  readonly outputPadding: readonly [number, number] | null;
  readonly paddingMode: PaddingMode = 'zeros';
  protected readonly window: LayerWindowOptions;

  constructor(args: Conv2DTransposeArgs) {
    super(args);
    const { action } = this;
    this.window = this.readWindow(args);
    this.outputPadding = isAbsent(args.outputPadding) ? null : toPair(action, 'outputPadding', args.outputPadding, 0);
    this.checkOptions(args);
  }

  override describe(inputShapes: readonly tf.Shape[]): LayerDescription {
    return { ...super.describe(inputShapes), windows: [this.windowOf(this.useOn(inputShapes))] };
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      filters: this.filters,
      ...this.windowConfig(),
      outputPadding: this.outputPadding && [...this.outputPadding],
      groups: this.groups,
      ...this.weightConfig('kernel', this.kernelOptions),
      ...super.getConfig(),
    };
  }

  protected override kernelShape(inChannels: number): number[] {
    return [...this.window.kernelSize, this.filters / this.groups, inChannels];
  }

  protected override get fusedActivation(): FusedActivation {
    return 'linear';
  }

  protected override convolve([x]: readonly [tf.Tensor4D], bias: tf.Tensor1D | undefined): tf.Tensor4D {
    return conv2dTranspose(x, this.kernel.read() as tf.Tensor4D, {
      bias,
      ...this.opWindow,
      ...(this.outputPadding === null ? {} : { outputPadding: this.outputPadding }),
      groups: this.groups,
    });
  }

  /** Zeros inserted between inputs are never multiplied, so the work is counted at input positions. */
  protected override convolutions(use: ConvUse): readonly ConvolutionWork[] {
    return super.convolutions(use).map((work) => ({ ...work, positions: use.inHeight * use.inWidth }));
  }

  /** Output size, and the padding of the forward convolution. */
  protected override slide(height: number | null, width: number | null): ResolvedWindow {
    const options = { ...this.opWindow, ...(this.outputPadding === null ? {} : { outputPadding: this.outputPadding }) };
    const sizes = [height ?? UNKNOWN_SIZE, width ?? UNKNOWN_SIZE] as const;
    const [y, x] = resolveTransposed(this.action, sizes, this.window.kernelSize, options);
    return {
      outHeight: y.out,
      outWidth: x.out,
      strides: this.strides,
      dilations: this.window.dilationRate,
      padTop: y.before,
      padBottom: y.after,
      padLeft: x.before,
      padRight: x.after,
    };
  }

  private windowOf({ padTop, padLeft }: ConvUse): LayerWindow {
    const { kernelSize, dilationRate } = this.window;
    const along = (axis: 0 | 1, before: number): AxisReads =>
      transposedReads(kernelSize[axis], this.strides[axis], dilationRate[axis], before);
    return readingWindow(along(0, padTop), along(1, padLeft));
  }
}

/** Stands in for an unknown size: large enough for every padding. */
const UNKNOWN_SIZE = 2 ** 20;
