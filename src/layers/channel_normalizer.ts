/**
 * Batch normalisation as a part of a layer: the four weights that Keras names gamma, beta, moving_mean and
 * moving_variance, and what they do in training and in inference. The channels are the last axis.
 */
import * as tf from '@tensorflow/tfjs';
import type { FusedActivation } from '../kernel/fused_activation.js';
import { batchNorm, batchNormInference } from '../ops/batch_norm/op.js';
import { weightedSums } from '../ops/weighted_sums/op.js';
import type { Initializer, WeightOptions } from './config.js';

/** The weights, [channels] each; gamma and beta may be absent. */
export interface NormalizerWeights {
  readonly gamma?: tf.LayerVariable | undefined;
  readonly beta?: tf.LayerVariable | undefined;
  readonly movingMean: tf.LayerVariable;
  readonly movingVariance: tf.LayerVariable;
}

export interface NormalizerOptions {
  /** How much of the moving statistics one batch keeps. */
  readonly momentum: number;
  /** Added to the variance. */
  readonly epsilon: number;
  readonly activation: FusedActivation;
  /** Whether to use and to follow the statistics of this batch. */
  readonly training: boolean;
}

/** Creates a weight of a layer, as `BaseLayer.createWeight` does. */
export type CreateWeight = (
  name: string,
  shape: number[],
  options: WeightOptions,
  trainable?: boolean,
) => tf.LayerVariable;

/** Creates the four weights with Keras's initial values, under their names behind `prefix`. */
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
  follow([movingMean, movingVariance], [mean, variance], momentum);
  return y;
}

/**
 * Normalises `x` over all axes but `axis`.
 *
 * @param axis of the channels, from 0
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
  const back = Array.from({ length: x.rank }, (_, other) => other - (other > axis ? 1 : 0));
  back[axis] = x.rank - 1;
  return tf.transpose<T>(y, back);
}

/** moving = moving · momentum + batch · (1 − momentum), as Keras 3 does it, with the biased variance. */
function follow(moving: readonly tf.LayerVariable[], batch: readonly tf.Tensor[], momentum: number): void {
  tf.tidy(() => {
    const previous = moving.map((variable) => variable.read());
    weightedSums(previous, batch, momentum, 1 - momentum).forEach((next, index) => moving[index]!.write(next));
  });
}
