/** DCNv3 block (InternImage). */
import * as tf from '@tensorflow/tfjs';
import type { Pair } from '../kernel/geometry.js';
import { depthwiseConv2d } from '../ops/depthwise_conv2d/op.js';
import { toActivation, type Activation, type ActivationIdentifier } from './config.js';
import { DeformableBlock, project, type DeformableBlockArgs, type Projection } from './deformable_block.js';
import type { LayerDescription } from './description.js';
import type { ImageSize } from './image_layer.js';

/** Arguments of {@link DeformableConv2DV3}. */
export interface DeformableConv2DV3Args extends DeformableBlockArgs {
  /** Kernel size of the depthwise convolution from which offsets and mask are predicted, odd. @default kernelSize */
  depthwiseKernelSize?: Pair;
  /** Activation of the features from which offsets and mask are predicted. @default 'gelu' */
  activation?: ActivationIdentifier;
}

/** Epsilon of the layer normalisation, as in InternImage. */
const EPSILON = 1e-6;

/**
 * Deformable convolution block, version 3: projects the input, samples it group by group at predicted offsets with
 * softmax weights, and projects the result. Offsets and weights are predicted from activation(norm(depthwise(x))). The
 * number of channels is kept; the output size is ⌈size / strides⌉.
 *
 * Offsets and mask start at zero, so all taps of the grid start with equal weights. Weights: `input_kernel`
 * [1, 1, c, c] and `input_bias`; `depthwise_kernel` [kh, kw, c, 1], `depthwise_bias`, `norm_gamma`, `norm_beta`; with P
 * taps `offset_kernel` [1, 1, c, groups · P · 2] (last axis (group, tap, (y, x))), `offset_bias`, `mask_kernel`
 * [1, 1, c, groups · P], `mask_bias`; with `centerFeatureScale` `center_kernel` [1, 1, c, groups], `center_bias`;
 * `output_kernel`, `output_bias`.
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for a value out of range
 * @see Wang et al., "InternImage" (2022), section 3.1
 * @example
 * ```ts
 * const layer = conv.layers.deformableConv2dV3({ groups: 2 });
 * const y = layer.apply(tf.ones([1, 6, 6, 8]));
 * console.log(y.shape); // [1, 6, 6, 8]
 * ```
 */
export class DeformableConv2DV3 extends DeformableBlock {
  static override readonly className: string = 'Convolutions>DeformableConv2DV3';

  readonly depthwiseKernelSize: readonly [number, number];
  protected readonly softmax = true;
  protected readonly guideStrides = 1;
  private readonly activation: Activation;
  private inputProjection!: Projection;
  private depthwise!: Projection;
  private gamma!: tf.LayerVariable;
  private beta!: tf.LayerVariable;
  private outputProjection!: Projection;

  constructor(args: DeformableConv2DV3Args = {}) {
    super(args);
    this.depthwiseKernelSize = this.readOdd('depthwiseKernelSize', args.depthwiseKernelSize ?? this.kernelSize);
    this.activation = toActivation(this.action, 'activation', args.activation ?? 'gelu');
    this.checkOptions(args);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      depthwiseKernelSize: [...this.depthwiseKernelSize],
      activation: this.activation.identifier,
      ...super.getConfig(),
    };
  }

  protected override buildInput(channels: number): void {
    this.inputProjection = this.createProjection('input', channels, channels, this.kernelOptions);
    this.depthwise = {
      kernel: this.createWeight('depthwise_kernel', [...this.depthwiseKernelSize, channels, 1], this.kernelOptions),
      bias: this.createWeight('depthwise_bias', [channels], this.zeros),
    };
    this.gamma = this.createWeight('norm_gamma', [channels], this.readWeightOptions({}, 'gamma', 'ones'));
    this.beta = this.createWeight('norm_beta', [channels], this.zeros);
  }

  protected override buildOutput(channels: number): void {
    this.outputProjection = this.createProjection('output', channels, channels, this.kernelOptions);
  }

  protected override prepare(x: tf.Tensor4D): readonly [tf.Tensor4D, tf.Tensor4D] {
    const [height, width] = this.depthwiseKernelSize;
    const features = depthwiseConv2d(x, this.depthwise.kernel.read() as tf.Tensor4D, {
      bias: this.depthwise.bias!.read() as tf.Tensor1D,
      strides: this.strides,
      padding: [(height - 1) / 2, (width - 1) / 2],
    });
    return [project(x, this.inputProjection), this.activation.apply(this.normalize(features))];
  }

  protected override gateFeatures(_samples: tf.Tensor4D, guide: tf.Tensor4D): tf.Tensor4D {
    return guide;
  }

  protected override finish(samples: tf.Tensor4D): tf.Tensor4D {
    return project(samples, this.outputProjection);
  }

  protected override describeRest(
    use: ImageSize & { readonly outHeight: number; readonly outWidth: number },
  ): Pick<LayerDescription, 'convolutions' | 'otherOps'> {
    const { inHeight, inWidth, inChannels } = use;
    const positions = use.outHeight * use.outWidth;
    const linear = { role: 'main', kernelSize: [1, 1], inChannels, outChannels: inChannels, groups: 1 } as const;
    return {
      convolutions: [
        { ...linear, positions: inHeight * inWidth },
        { ...linear, role: 'offset', kernelSize: this.depthwiseKernelSize, groups: inChannels, positions },
        { ...linear, positions },
      ],
      otherOps: {
        bias: (inHeight * inWidth + 2 * positions) * inChannels,
        normalization: positions * inChannels,
        activation: this.activation.identifier === 'linear' ? 0 : positions * inChannels,
      },
    };
  }

  /** Layer normalisation over the channels of each position. */
  private normalize(x: tf.Tensor4D): tf.Tensor4D {
    const { mean, variance } = tf.moments(x, 3, true);
    const scaled = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, EPSILON)));
    return tf.add(tf.mul(scaled, this.gamma.read()), this.beta.read());
  }
}
