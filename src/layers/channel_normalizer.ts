/**
 * Batch normalisation as a building block of layers: the four weights that Keras names gamma, beta, moving_mean and
 * moving_variance, and their use in training and inference. The channel axis is the last one.
 */
import * as tf from '@tensorflow/tfjs';
import type { FusedActivation } from '../kernel/fused_activation.js';
import { batchNorm, batchNormInference } from '../ops/batch_norm/op.js';
import { weightedSums } from '../ops/weighted_sums/op.js';
import type { Initializer, WeightOptions } from './config.js';

/** Weights, [channels] each; gamma and beta are optional. */
export interface NormalizerWeights {
  readonly gamma?: tf.LayerVariable | undefined;
  readonly beta?: tf.LayerVariable | undefined;
  readonly movingMean: tf.LayerVariable;
  readonly movingVariance: tf.LayerVariable;
}

/** Options of a batch normalisation inside a layer. */
export interface NormalizerOptions {
  /** Momentum of the moving averages. */
  readonly momentum: number;
  /** Small number added to the variance. */
  readonly epsilon: number;
  readonly activation: FusedActivation;
  /** Whether to normalise by the statistics of this batch and update the moving averages. */
  readonly training: boolean;
}

/** Creates a weight of a layer, as `BaseLayer.createWeight` does. */
export type CreateWeight = (
  name: string,
  shape: number[],
  options: WeightOptions,
  trainable?: boolean,
) => tf.LayerVariable;

/** Creates the four weights with Keras's initial values; their names start with `prefix`. */
export function createNormalizer(create: CreateWeight, prefix: string, channels: number): Required<NormalizerWeights> {
  const make = (name: string, initializer: Initializer, trainable: boolean): tf.LayerVariable =>
    create(`${prefix}${name}`, [channels], { initializer, regularizer: null, constraint: null }, trainable);
  return {
    gamma: make('gamma', tf.initializers.ones(), true),
    beta: make('beta', tf.initializers.zeros(), true),
    movingMean: make('moving_mean', tf.initializers.zeros(), false),
    movingVariance: make('moving_variance', tf.initializers.ones(), false),
  };
}

/** Normalises `x` over all axes but the last, then applies the activation. */
export function normalizeChannels<T extends tf.Tensor>(
  x: T,
  weights: NormalizerWeights,
  options: NormalizerOptions,
): T {
  const { momentum, epsilon, activation, training } = options;
  const { movingMean, movingVariance } = weights;
  const affine = {
    gamma: weights.gamma?.read() as tf.Tensor1D | undefined,
    beta: weights.beta?.read() as tf.Tensor1D | undefined,
    epsilon,
    activation,
  };
  if (!training) {
    return batchNormInference(x, movingMean.read() as tf.Tensor1D, movingVariance.read() as tf.Tensor1D, affine);
  }
  const { y, mean, variance } = batchNorm(x, affine);
  updateMovingAverages([movingMean, movingVariance], [mean, variance], momentum);
  return y;
}

/**
 * Normalises `x` over all axes but `axis`.
 *
 * @param axis channel axis, counted from 0
 */
export function normalizeAxis<T extends tf.Tensor>(
  x: T,
  axis: number,
  weights: NormalizerWeights,
  options: NormalizerOptions,
): T {
  if (axis === x.rank - 1) return normalizeChannels(x, weights, options);
  const others = Array.from({ length: x.rank }, (_, other) => other).filter((other) => other !== axis);
  const y = normalizeChannels(tf.transpose<T>(x, [...others, axis]), weights, options);
  const inverse = Array.from({ length: x.rank }, (_, other) => other - (other > axis ? 1 : 0));
  inverse[axis] = x.rank - 1;
  return tf.transpose<T>(y, inverse);
}

/**
 * Updates the moving averages: moving · momentum + batch · (1 − momentum), with the biased variance, as Keras 3 does.
 */
function updateMovingAverages(
  moving: readonly tf.LayerVariable[],
  batch: readonly tf.Tensor[],
  momentum: number,
): void {
  tf.tidy(() => {
    const previous = moving.map((variable) => variable.read());
    weightedSums(previous, batch, momentum, 1 - momentum).forEach((next, index) => moving[index]!.write(next));
  });
}
