/**
 * Squeeze-and-excitation: scales every channel by a gate computed from the whole image.
 * reduce_kernel [1, 1, channels, hidden], expand_kernel [1, 1, hidden, channels].
 */
import * as tf from '@tensorflow/tfjs';
import { checkInteger, checkNumber, checkOneOf, rangeError } from '../errors.js';
import { conv2d } from '../ops/conv2d/op.js';
import {
  isAbsent,
  toActivation,
  type Activation,
  type ActivationIdentifier,
  type InitializerIdentifier,
  type RegularizerIdentifier,
  type WeightOptions,
} from './config.js';
import { POINTWISE_WINDOW, type LayerDescription } from './description.js';
import { ImageLayer, type ImageLayerArgs, type Images, type OutputSize } from './image_layer.js';
import { toMultipleOf8 } from './multiple_of_8.js';

/** `hardSigmoid` is that of Keras 3 and MobileNetV3, relu6(x + 3) / 6; tfjs's own, 0.2·x + 0.5, differs. */
const GATES = {
  hardSigmoid: (x: tf.Tensor4D): tf.Tensor4D => tf.mul(tf.relu6(tf.add(x, 3)), 1 / 6),
  sigmoid: (x: tf.Tensor4D): tf.Tensor4D => tf.sigmoid(x),
} as const;

/**
 * Activation of the gate.
 *
 * @useDeclaredType
 */
export type GateActivation = keyof typeof GATES;

/** Arguments of {@link SqueezeExcite}. */
export interface SqueezeExciteArgs extends ImageLayerArgs {
  /**
   * Ratio of hidden channels to channels; the product is rounded to a multiple of 8, at least 8 and not more than a
   * tenth below it, as in MobileNetV3. Mutually exclusive with `hidden`. @default 0.25
   */
  ratio?: number;
  /** Number of hidden channels. @default from `ratio` */
  hidden?: number;
  /** Activation of the hidden channels. @default 'relu' */
  activation?: ActivationIdentifier;
  /** Gate function: `'hardSigmoid'`, relu6(x + 3) / 6, or `'sigmoid'`, as in the first paper. @default 'hardSigmoid' */
  gateActivation?: GateActivation;
  /** Initializer of both kernels. @default 'glorotUniform' */
  kernelInitializer?: InitializerIdentifier;
  /** Regularizer of both kernels. @default none */
  kernelRegularizer?: RegularizerIdentifier;
}

/**
 * Squeeze-and-excitation: `x · gate(expand(activation(reduce(mean(x)))))`, with the mean over all positions of a
 * channel and two 1×1 convolutions with bias; by default the block of MobileNetV3.
 *
 * Weights: `reduce_kernel` [1, 1, channels, hidden], `reduce_bias` [hidden], `expand_kernel` [1, 1, hidden, channels],
 * `expand_bias` [channels], in the order of Keras's `…_squeeze_excite_conv` and `…_squeeze_excite_conv_1`.
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for a value out of range
 * @see Hu et al., "Squeeze-and-Excitation Networks" (2018), section 3; Howard et al., "Searching for MobileNetV3" (2019),
 * section 5.3
 * @example
 * ```ts
 * const layer = conv.layers.squeezeExcite({ hidden: 2 });
 * const y = layer.apply(tf.ones([1, 5, 5, 8]));
 * console.log(y.shape, layer.countParams()); // [1, 5, 5, 8] 42
 * ```
 */
export class SqueezeExcite extends ImageLayer {
  static override readonly className: string = 'Convolutions>SqueezeExcite';

  readonly ratio: number | null;
  readonly hidden: number | null;
  readonly gateActivation: GateActivation;
  private readonly activation: Activation;
  private readonly kernelOptions: WeightOptions;
  private readonly biasOptions: WeightOptions;
  private reduceKernel!: tf.LayerVariable;
  private reduceBias!: tf.LayerVariable;
  private expandKernel!: tf.LayerVariable;
  private expandBias!: tf.LayerVariable;

  constructor(args: SqueezeExciteArgs = {}) {
    super(args);
    const { action } = this;
    if (!isAbsent(args.ratio) && !isAbsent(args.hidden)) {
      throw rangeError(action, 'ratio and hidden are mutually exclusive', 'ratio', args.ratio);
    }
    this.hidden = isAbsent(args.hidden) ? null : checkInteger(action, 'hidden', args.hidden, 1);
    this.ratio = this.hidden === null ? checkNumber(action, 'ratio', args.ratio ?? 0.25, { above: 0 }) : null;
    this.activation = toActivation(action, 'activation', args.activation ?? 'relu');
    const gates = Object.keys(GATES) as GateActivation[];
    this.gateActivation = checkOneOf(action, 'gateActivation', args.gateActivation ?? 'hardSigmoid', gates);
    this.kernelOptions = this.readWeightOptions(args, 'kernel', 'glorotUniform');
    this.biasOptions = this.readWeightOptions({}, 'bias', 'zeros');
    this.checkOptions(args);
  }

  describe(inputShapes: readonly tf.Shape[]): LayerDescription {
    const { inHeight, inWidth, inChannels } = this.imageSize(inputShapes);
    const hidden = this.hiddenOf(inChannels);
    const work = { role: 'main', kernelSize: [1, 1], groups: 1, positions: 1 } as const;
    return {
      convolutions: [
        { ...work, inChannels, outChannels: hidden },
        { ...work, inChannels: hidden, outChannels: inChannels },
      ],
      otherOps: {
        bias: hidden + inChannels,
        activation: (this.activation.identifier === 'linear' ? 0 : hidden) + inChannels,
        pooling: inHeight * inWidth * inChannels,
      },
      windows: [{ ...POINTWISE_WINDOW, global: true }],
    };
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { kernelInitializer, kernelRegularizer } = this.weightConfig('kernel', this.kernelOptions);
    return {
      ratio: this.ratio,
      hidden: this.hidden,
      activation: this.activation.identifier,
      gateActivation: this.gateActivation,
      kernelInitializer: kernelInitializer!,
      kernelRegularizer: kernelRegularizer!,
      ...super.getConfig(),
    };
  }

  protected override buildWeights(channels: number): void {
    const hidden = this.hiddenOf(channels);
    this.reduceKernel = this.createWeight('reduce_kernel', [1, 1, channels, hidden], this.kernelOptions);
    this.reduceBias = this.createWeight('reduce_bias', [hidden], this.biasOptions);
    this.expandKernel = this.createWeight('expand_kernel', [1, 1, hidden, channels], this.kernelOptions);
    this.expandBias = this.createWeight('expand_bias', [channels], this.biasOptions);
  }

  protected override compute([x]: Images): tf.Tensor4D {
    const pooled = tf.mean<tf.Tensor4D>(x, [1, 2], true);
    const mix = (features: tf.Tensor4D, kernel: tf.LayerVariable, bias: tf.LayerVariable): tf.Tensor4D =>
      conv2d(features, kernel.read() as tf.Tensor4D, { bias: bias.read() as tf.Tensor1D });
    const hidden = this.activation.apply(mix(pooled, this.reduceKernel, this.reduceBias));
    return tf.mul(x, GATES[this.gateActivation](mix(hidden, this.expandKernel, this.expandBias)));
  }

  protected override outputSize(height: number | null, width: number | null, channels: number): OutputSize {
    return [height, width, channels];
  }

  private hiddenOf(channels: number): number {
    return this.hidden ?? toMultipleOf8(channels * this.ratio!);
  }
}
