/** DCNv4 block. */
import type * as tf from '@tensorflow/tfjs';
import type { Pair } from '../kernel/geometry.js';
import { depthwiseConv2d } from '../ops/depthwise_conv2d/op.js';
import { isAbsent, toBoolean } from './config.js';
import { DeformableBlock, project, type DeformableBlockArgs, type Projection } from './deformable_block.js';
import type { ConvolutionWork, LayerDescription } from './description.js';
import type { ImageSize } from './image_layer.js';

/** Arguments of {@link DeformableConv2DV4}. */
export interface DeformableConv2DV4Args extends DeformableBlockArgs {
  /**
   * Kernel size of a depthwise convolution from which offsets and mask are predicted, odd. @default none: they are
   * predicted from the input itself
   */
  depthwiseKernelSize?: Pair | null;
  /** Whether to project before and after the sampling. @default true */
  usePointwise?: boolean;
  /** Whether to add a bias in the output projection. @default true */
  useBias?: boolean;
}

/**
 * Deformable convolution block, version 4: as {@link DeformableConv2DV3}, but with unbounded sample weights
 * (no softmax), and with offsets and mask predicted from the input itself or from a depthwise convolution of it.
 *
 * Offsets and mask start at zero, so the output starts as the bias and the mask is learned first. Weights: with
 * `usePointwise` `input_kernel` [1, 1, c, c] and `input_bias`; with `depthwiseKernelSize` `depthwise_kernel`
 * [kh, kw, c, 1] and `depthwise_bias`; with P taps `offset_kernel` [1, 1, c, groups · P · 2] (last axis (group, tap,
 * (y, x))), `offset_bias`, `mask_kernel` [1, 1, c, groups · P], `mask_bias`; with `centerFeatureScale` `center_kernel`
 * [1, 1, c, groups], `center_bias`; with `usePointwise` `output_kernel`, `output_bias`. The original pads the channels
 * of offsets and mask to a multiple of 8; the extra ones are unused.
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for a value out of range
 * @see Xiong et al., "Efficient Deformable ConvNets" (2024), section 3
 * @example
 * ```ts
 * const layer = conv.layers.deformableConv2dV4({ groups: 2, kernelSize: 5 });
 * const y = layer.apply(tf.ones([1, 6, 6, 8]));
 * console.log(y.shape); // [1, 6, 6, 8]
 * ```
 */
export class DeformableConv2DV4 extends DeformableBlock {
  static override readonly className: string = 'Convolutions>DeformableConv2DV4';

  readonly depthwiseKernelSize: readonly [number, number] | null;
  readonly usePointwise: boolean;
  readonly useBias: boolean;
  protected readonly softmax = false;
  private inputProjection: Projection | undefined;
  private depthwise: Projection | undefined;
  private outputProjection: Projection | undefined;

  constructor(args: DeformableConv2DV4Args = {}) {
    super(args);
    const { depthwiseKernelSize } = args;
    this.depthwiseKernelSize = isAbsent(depthwiseKernelSize)
      ? null
      : this.readOdd('depthwiseKernelSize', depthwiseKernelSize);
    this.usePointwise = toBoolean(this.action, 'usePointwise', args.usePointwise, true);
    this.useBias = toBoolean(this.action, 'useBias', args.useBias, true);
    this.checkOptions(args);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      depthwiseKernelSize: this.depthwiseKernelSize && [...this.depthwiseKernelSize],
      usePointwise: this.usePointwise,
      useBias: this.useBias,
      ...super.getConfig(),
    };
  }

  protected override get guideStrides(): Pair {
    return this.depthwiseKernelSize === null ? this.strides : 1;
  }

  protected override buildInput(channels: number): void {
    if (this.usePointwise) {
      this.inputProjection = this.createProjection('input', channels, channels, this.kernelOptions);
    }
    if (this.depthwiseKernelSize === null) return;
    this.depthwise = {
      kernel: this.createWeight('depthwise_kernel', [...this.depthwiseKernelSize, channels, 1], this.kernelOptions),
      bias: this.createWeight('depthwise_bias', [channels], this.zeros),
    };
  }

  protected override buildOutput(channels: number): void {
    if (!this.usePointwise) return;
    this.outputProjection = this.createProjection('output', channels, channels, this.kernelOptions, this.useBias);
  }

  protected override prepare(x: tf.Tensor4D): readonly [tf.Tensor4D, tf.Tensor4D] {
    const value = this.inputProjection === undefined ? x : project(x, this.inputProjection);
    if (this.depthwise === undefined) return [value, x];
    const [height, width] = this.depthwiseKernelSize!;
    const guide = depthwiseConv2d(x, this.depthwise.kernel.read() as tf.Tensor4D, {
      bias: this.depthwise.bias!.read() as tf.Tensor1D,
      strides: this.strides,
      padding: [(height - 1) / 2, (width - 1) / 2],
    });
    return [value, guide];
  }

  protected override gateFeatures(samples: tf.Tensor4D): tf.Tensor4D {
    return samples;
  }

  protected override finish(samples: tf.Tensor4D): tf.Tensor4D {
    return this.outputProjection === undefined ? samples : project(samples, this.outputProjection);
  }

  protected override describeRest(
    use: ImageSize & { readonly outHeight: number; readonly outWidth: number },
  ): Pick<LayerDescription, 'convolutions' | 'otherOps'> {
    const { inHeight, inWidth, inChannels } = use;
    const positions = use.outHeight * use.outWidth;
    const linear = { role: 'main', kernelSize: [1, 1], inChannels, outChannels: inChannels, groups: 1 } as const;
    const convolutions: ConvolutionWork[] = [];
    let biases = 0;
    if (this.usePointwise) {
      convolutions.push({ ...linear, positions: inHeight * inWidth }, { ...linear, positions });
      biases += inHeight * inWidth + (this.useBias ? positions : 0);
    }
    if (this.depthwiseKernelSize !== null) {
      const kernelSize = this.depthwiseKernelSize;
      convolutions.push({ ...linear, role: 'offset', kernelSize, groups: inChannels, positions });
      biases += positions;
    }
    return { convolutions, otherOps: { bias: biases * inChannels } };
  }
}
