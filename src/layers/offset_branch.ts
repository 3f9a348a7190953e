/**
 * Fully connected branch that predicts the offsets of the bins of a box: hidden layers with ReLU, then a
 * zero-initialised one, so that the bins start unshifted.
 */
import * as tf from '@tensorflow/tfjs';
import type { CreateWeight } from './channel_normalizer.js';
import { checkInteger, typeError, type Action } from '../errors.js';
import { toNumber, type InitializerIdentifier, type WeightOptions } from './config.js';
import type { ConvolutionWork } from './description.js';
import { scaleGradient } from './gradient_scale.js';

/** Arguments of layers with such a branch. */
export interface OffsetBranchArgs {
  /** Widths of the hidden layers; `[]` for the single layer of the first paper. @default [1024, 1024] */
  offsetUnits?: readonly number[];
  /** Initializer of the last layer's kernel. @default 'zeros' */
  offsetInitializer?: InitializerIdentifier;
  /**
   * Factor on the gradient of the branch's weights: equals a factor on its learning rate under gradient descent, with
   * or without momentum. The first paper trains with 0.01. @default 1
   */
  offsetLearningRateMultiplier?: number;
}

/** A dense layer: kernel [in, out], bias [out]. */
interface Dense {
  readonly kernel: tf.LayerVariable;
  readonly bias: tf.LayerVariable;
}

/** Branch of dense layers that predicts offsets inside a region layer. */
export class OffsetBranch {
  readonly units: readonly number[];
  readonly learningRateMultiplier: number;
  private layers!: readonly Dense[];

  constructor(
    action: Action,
    args: OffsetBranchArgs,
    private readonly hidden: WeightOptions,
    private readonly last: WeightOptions,
    private readonly bias: WeightOptions,
  ) {
    const units: unknown = args.offsetUnits ?? [1024, 1024];
    if (!Array.isArray(units)) throw typeError(action, 'offsetUnits must be a list of integers', 'offsetUnits', units);
    this.units = units.map((width) => checkInteger(action, 'offsetUnits', width, 1));
    const rate = args.offsetLearningRateMultiplier;
    this.learningRateMultiplier = toNumber(action, 'offsetLearningRateMultiplier', rate, 1, 0);
  }

  /**
   * Creates `offset_hidden_⟨i⟩_kernel` and `offset_hidden_⟨i⟩_bias`, with i from 1, then `offset_kernel` and
   * `offset_bias`.
   */
  build(create: CreateWeight, inputs: number, outputs: number): void {
    const widths = [inputs, ...this.units, outputs];
    this.layers = widths.slice(1).map((width, index) => {
      const isLast = index === this.units.length;
      const name = isLast ? 'offset' : `offset_hidden_${index + 1}`;
      return {
        kernel: create(`${name}_kernel`, [widths[index]!, width], isLast ? this.last : this.hidden),
        bias: create(`${name}_bias`, [width], this.bias),
      };
    });
  }

  /** Maps the pooled features of every box to `outputs` numbers. */
  apply(pooled: tf.Tensor4D): tf.Tensor2D {
    const rate = this.learningRateMultiplier;
    const rows = tf.reshape<tf.Rank.R2>(pooled, [pooled.shape[0], -1]);
    return this.layers.reduce((features, { kernel, bias }, index) => {
      const product = tf.matMul(features, scaleGradient(kernel.read() as tf.Tensor2D, rate));
      const shifted = tf.add<tf.Tensor2D>(product, scaleGradient(bias.read(), rate));
      return index === this.units.length ? shifted : tf.relu(shifted);
    }, rows);
  }

  /** Dense products for the given number of boxes. */
  describe(boxCount: number, inputs: number, outputs: number): readonly ConvolutionWork[] {
    const widths = [inputs, ...this.units, outputs];
    return widths.slice(1).map((outChannels, index) => ({
      role: 'offset',
      kernelSize: [1],
      inChannels: widths[index]!,
      outChannels,
      groups: 1,
      positions: boxCount,
    }));
  }
}
