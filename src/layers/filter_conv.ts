/**
 * Base class of {@link Conv2D}, its variants and {@link Conv2DTranspose}: a single weight `kernel` of `filters` output
 * channels, in groups.
 */
import type * as tf from '@tensorflow/tfjs';
import { checkInteger } from '../errors.js';
import { toFused, type FusedActivation } from '../kernel/fused_activation.js';
import type { PaddingMode } from '../kernel/geometry.js';
import { conv2d } from '../ops/conv2d/op.js';
import { checkDivides } from '../ops/groups.js';
import { BaseConv, type BaseConvArgs, type ConvUse } from './base_conv.js';
import type { ConstraintIdentifier, InitializerIdentifier, RegularizerIdentifier, WeightOptions } from './config.js';
import type { ConvolutionWork } from './description.js';
import type { HalfImageArgs } from './half_storage.js';

/** Arguments of the weight `kernel`. */
export interface KernelArgs {
  /** @default 'glorotUniform' */
  kernelInitializer?: InitializerIdentifier;
  /** @default none */
  kernelRegularizer?: RegularizerIdentifier;
  /** @default none */
  kernelConstraint?: ConstraintIdentifier;
}

/** Arguments of a convolution over all channels or groups of channels. */
export interface FilterConvArgs extends BaseConvArgs, KernelArgs {
  /** Number of output channels. */
  filters: number;
  /** Number of independent channel groups; divides the input channels and `filters`. @default 1 */
  groups?: number;
}

/** Convolution with a single kernel. */
export abstract class FilterConv extends BaseConv {
  readonly filters: number;
  readonly groups: number;
  protected readonly kernelOptions: WeightOptions;
  protected kernel!: tf.LayerVariable;

  constructor(args: FilterConvArgs & HalfImageArgs) {
    super(args);
    this.filters = checkInteger(this.action, 'filters', args.filters, 1);
    this.groups = checkInteger(this.action, 'groups', args.groups ?? 1, 1);
    checkDivides(this.action, 'groups', this.groups, 'filters', this.filters);
    this.kernelOptions = this.readWeightOptions(args, 'kernel', 'glorotUniform');
  }

  abstract readonly paddingMode: PaddingMode;

  protected override outputChannels(): number {
    return this.filters;
  }

  protected override buildKernels(inChannels: number): void {
    checkDivides(this.action, 'groups', this.groups, 'the input channels', inChannels);
    this.kernel = this.createKernel('kernel', this.kernelShape(inChannels), this.kernelOptions);
  }

  protected kernelShape(inChannels: number): number[] {
    return [...this.window.kernelSize, inChannels / this.groups, this.filters];
  }

  protected override get fusedActivation(): FusedActivation {
    return toFused(this.activation.identifier) ?? 'linear';
  }

  protected override convolve([x]: readonly [tf.Tensor4D], bias: tf.Tensor1D | undefined): tf.Tensor4D {
    const { opWindow, opPrecision, paddingMode, groups, fusedActivation: activation } = this;
    const filter = this.kernel.read() as tf.Tensor4D;
    return conv2d(x, filter, { bias, activation, ...opWindow, paddingMode, groups, ...opPrecision });
  }

  protected override convolutions(use: ConvUse): readonly ConvolutionWork[] {
    return [
      {
        role: 'main',
        kernelSize: this.window.kernelSize,
        inChannels: use.inChannels,
        outChannels: this.filters,
        groups: this.groups,
        positions: use.outHeight * use.outWidth,
      },
    ];
  }
}
