/** Batch normalisation with a single fused training kernel, with Keras's arguments and weight names. */
import * as tf from '@tensorflow/tfjs';
import { checkOneOf, rangeError } from '../errors.js';
import { FUSED_ACTIVATIONS, type FusedActivation } from '../kernel/fused_activation.js';
import { BaseLayer, toShapes } from './base_layer.js';
import { normalizeAxis, type NormalizerWeights } from './channel_normalizer.js';
import {
  isAbsent,
  toBoolean,
  toConfig,
  toNumber,
  type ConstraintIdentifier,
  type InitializerIdentifier,
  type LayerArgs,
  type RegularizerIdentifier,
  type WeightOptions,
} from './config.js';
import { POINTWISE_WINDOW, type LayerDescription } from './description.js';
import { featureAxisOf, readFeatureAxis } from './feature_axis.js';

/** Arguments of {@link BatchNormalization}. */
export interface BatchNormalizationArgs extends LayerArgs {
  /** Channel axis; negative values count from the end. @default -1 */
  axis?: number;
  /** Momentum of the moving averages, in [0, 1). @default 0.99 */
  momentum?: number;
  /** Small number added to the variance. @default 0.001 */
  epsilon?: number;
  /** Whether to add `beta`. @default true */
  center?: boolean;
  /** Whether to multiply by `gamma`. @default true */
  scale?: boolean;
  /** Activation fused into the same kernel. @default 'linear' */
  activation?: FusedActivation;
  /** @default 'zeros' */
  betaInitializer?: InitializerIdentifier;
  /** @default 'ones' */
  gammaInitializer?: InitializerIdentifier;
  /** @default 'zeros' */
  movingMeanInitializer?: InitializerIdentifier;
  /** @default 'ones' */
  movingVarianceInitializer?: InitializerIdentifier;
  /** @default none */
  betaRegularizer?: RegularizerIdentifier;
  /** @default none */
  gammaRegularizer?: RegularizerIdentifier;
  /** @default none */
  betaConstraint?: ConstraintIdentifier;
  /** @default none */
  gammaConstraint?: ConstraintIdentifier;
}

/**
 * Batch normalisation: `gamma · (x − mean) / √(variance + epsilon) + beta` per channel, followed by an optional ReLU.
 *
 * In training mode it uses the mean and the (biased) variance of the batch and updates the moving averages
 * `moving_mean` and `moving_variance`; in inference mode it uses those. A layer with `trainable: false` always runs in
 * inference mode, as in Keras. Weights, [channels] each: `gamma`, `beta`, `moving_mean`, `moving_variance`.
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for a value out of range
 * @see Ioffe and Szegedy, "Batch Normalization" (2015), algorithm 1; keras.layers.BatchNormalization
 * @example
 * ```ts
 * const layer = conv.layers.batchNormalization({ activation: 'relu6' });
 * const y = layer.apply(tf.randomNormal([2, 4, 4, 3]), { training: true });
 * console.log(y.shape); // [2, 4, 4, 3]
 * ```
 */
export class BatchNormalization extends BaseLayer {
  static override readonly className: string = 'Convolutions>BatchNormalization';

  readonly axis: number;
  readonly momentum: number;
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
  readonly activation: FusedActivation;
  private readonly betaOptions: WeightOptions;
  private readonly gammaOptions: WeightOptions;
  private readonly movingMeanOptions: WeightOptions;
  private readonly movingVarianceOptions: WeightOptions;
  private normalizer!: NormalizerWeights;

  constructor(args: BatchNormalizationArgs = {}) {
    super(args);
    this.axis = readFeatureAxis(this.action, args.axis);
    this.momentum = toNumber(this.action, 'momentum', args.momentum, 0.99, 0, 1);
    this.epsilon = toNumber(this.action, 'epsilon', args.epsilon, 1e-3, 0);
    this.center = toBoolean(this.action, 'center', args.center, true);
    this.scale = toBoolean(this.action, 'scale', args.scale, true);
    this.activation = checkOneOf(this.action, 'activation', args.activation ?? 'linear', FUSED_ACTIVATIONS);
    this.betaOptions = this.readWeightOptions(args, 'beta', 'zeros');
    this.gammaOptions = this.readWeightOptions(args, 'gamma', 'ones');
    this.movingMeanOptions = this.readWeightOptions(args, 'movingMean', 'zeros');
    this.movingVarianceOptions = this.readWeightOptions(args, 'movingVariance', 'ones');
    this.supportsMasking = true;
    this.checkOptions(args);
  }

  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const shape = toShapes(inputShape)[0]!;
    const axis = featureAxisOf(this.action, this.axis, shape.length);
    const channels = shape[axis];
    if (isAbsent(channels)) {
      throw rangeError(this.action, `the size of axis ${axis} must be known`, 'input shape', shape);
    }
    this.normalizer = {
      gamma: this.scale ? this.createWeight('gamma', [channels], this.gammaOptions) : undefined,
      beta: this.center ? this.createWeight('beta', [channels], this.betaOptions) : undefined,
      movingMean: this.createWeight('moving_mean', [channels], this.movingMeanOptions, false),
      movingVariance: this.createWeight('moving_variance', [channels], this.movingVarianceOptions, false),
    };
    this.inputSpec = [new tf.InputSpec({ ndim: shape.length, axes: { [axis]: channels } })];
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      const x = Array.isArray(inputs) ? inputs[0]! : inputs;
      return normalizeAxis(x, featureAxisOf(this.action, this.axis, x.rank), this.normalizer, {
        momentum: this.momentum,
        epsilon: this.epsilon,
        activation: this.activation,
        training: this.trains(kwargs),
      });
    });
  }

  describe(inputShapes: readonly tf.Shape[]): LayerDescription {
    const elements = (inputShapes[0] ?? []).slice(1).reduce<number>((product, size) => product * (size ?? NaN), 1);
    return {
      otherOps: { normalization: elements, activation: this.activation === 'linear' ? 0 : elements },
      windows: [POINTWISE_WINDOW],
    };
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      axis: this.axis,
      momentum: this.momentum,
      epsilon: this.epsilon,
      center: this.center,
      scale: this.scale,
      activation: this.activation,
      ...this.weightConfig('beta', this.betaOptions),
      ...this.weightConfig('gamma', this.gammaOptions),
      movingMeanInitializer: toConfig(this.movingMeanOptions.initializer),
      movingVarianceInitializer: toConfig(this.movingVarianceOptions.initializer),
      ...super.getConfig(),
    };
  }
}
