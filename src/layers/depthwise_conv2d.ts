/** Depthwise convolution layer. depthwise_kernel [kh, kw, channels, depthMultiplier]; output channel c·multiplier + m. */
import type * as tf from '@tensorflow/tfjs';
import { checkInteger } from '../errors.js';
import { toFused, type FusedActivation } from '../kernel/fused_activation.js';
import type { PaddingMode } from '../kernel/geometry.js';
import { depthwiseConv2d } from '../ops/depthwise_conv2d/op.js';
import {
  BaseConv,
  type BaseConvArgs,
  type ConvUse,
  type LayerWindowOptions,
  type PaddingModeArgs,
  type WindowArgs,
} from './base_conv.js';
import type { ConstraintIdentifier, InitializerIdentifier, RegularizerIdentifier, WeightOptions } from './config.js';
import type { ConvolutionWork } from './description.js';
import type { HalfImageArgs } from './half_storage.js';

/** Arguments of the weight `depthwise_kernel`. */
export interface DepthwiseKernelArgs {
  /** Number of output channels per input channel. @default 1 */
  depthMultiplier?: number;
  /** @default 'glorotUniform' */
  depthwiseInitializer?: InitializerIdentifier;
  /** @default none */
  depthwiseRegularizer?: RegularizerIdentifier;
  /** @default none */
  depthwiseConstraint?: ConstraintIdentifier;
}

/** Arguments of {@link DepthwiseConv2D}. */
export interface DepthwiseConv2DArgs
  extends BaseConvArgs, WindowArgs, PaddingModeArgs, DepthwiseKernelArgs, HalfImageArgs {}

/**
 * Depthwise convolution: every channel is convolved with its own kernels.
 *
 * Unlike `tf.layers.depthwiseConv2d` it honours `dilationRate`, and trains on every backend. Weights:
 * `depthwise_kernel` [kh, kw, channels, depthMultiplier], `bias` [channels · depthMultiplier].
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for a value out of range
 * @see Howard et al., "MobileNets" (2017), section 3.1; keras.layers.DepthwiseConv2D
 * @example
 * ```ts
 * const layer = conv.layers.depthwiseConv2d({ kernelSize: 3, padding: 'same', dilationRate: 2 });
 * const y = layer.apply(tf.ones([1, 8, 8, 3]));
 * console.log(y.shape); // [1, 8, 8, 3]
 * ```
 */
export class DepthwiseConv2D extends BaseConv {
  static override readonly className: string = 'Convolutions>DepthwiseConv2D';

  readonly depthMultiplier: number;
  readonly paddingMode: PaddingMode;
  protected readonly window: LayerWindowOptions;
  private readonly depthwiseOptions: WeightOptions;
  private depthwiseKernel!: tf.LayerVariable;

  constructor(args: DepthwiseConv2DArgs) {
    super(args);
    this.window = this.readWindow(args);
    this.paddingMode = this.readPaddingMode(args);
    this.depthMultiplier = checkInteger(this.action, 'depthMultiplier', args.depthMultiplier ?? 1, 1);
    this.depthwiseOptions = this.readWeightOptions(args, 'depthwise', 'glorotUniform');
    this.checkOptions(args);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...this.windowConfig(),
      paddingMode: this.paddingMode,
      depthMultiplier: this.depthMultiplier,
      precision: this.precision,
      packedImages: this.packedImages,
      ...this.weightConfig('depthwise', this.depthwiseOptions),
      ...super.getConfig(),
    };
  }

  protected override outputChannels(inChannels: number): number {
    return inChannels * this.depthMultiplier;
  }

  protected override buildKernels(inChannels: number): void {
    const { kernelSize } = this.window;
    const channels =
      this.precision === 'half' ? [inChannels * this.depthMultiplier] : [inChannels, this.depthMultiplier];
    this.depthwiseKernel = this.createKernel('depthwise_kernel', [...kernelSize, ...channels], this.depthwiseOptions);
  }

  protected override get fusedActivation(): FusedActivation {
    return toFused(this.activation.identifier) ?? 'linear';
  }

  protected override convolve([x]: readonly [tf.Tensor4D], bias: tf.Tensor1D | undefined): tf.Tensor4D {
    const { opWindow, opPrecision, paddingMode, fusedActivation: activation } = this;
    const filter = this.depthwiseKernel.read() as tf.Tensor4D;
    return depthwiseConv2d(x, filter, { bias, activation, ...opWindow, paddingMode, ...opPrecision });
  }

  protected override convolutions(use: ConvUse): readonly ConvolutionWork[] {
    return [
      {
        role: 'main',
        kernelSize: this.window.kernelSize,
        inChannels: use.inChannels,
        outChannels: this.outputChannels(use.inChannels),
        groups: use.inChannels,
        positions: use.outHeight * use.outWidth,
      },
    ];
  }
}
