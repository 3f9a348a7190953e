/** One step of Adam for one variable, as one kernel (the host composes it of about twenty). */
import * as tf from '@tensorflow/tfjs';
import { runKernel } from '../run_kernel.js';
import { ADAM_UPDATE, type AdamAttributes } from './names.js';

/** Hyperparameters of {@link adamUpdate}. */
export interface AdamOptions {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Number of this step, from 1. */
  readonly step: number;
}

/**
 * New value and moments of one variable. Not differentiable.
 *
 * @param value any shape, float32
 * @param gradient shape of value
 * @param firstMoment shape of value
 * @param secondMoment shape of value
 * @returns [value, firstMoment, secondMoment]
 * @see Kingma and Ba, "Adam" (2015), algorithm 1
 */
export function adamUpdate(
  value: tf.Tensor,
  gradient: tf.Tensor,
  firstMoment: tf.Tensor,
  secondMoment: tf.Tensor,
  { learningRate, beta1, beta2, epsilon, step }: AdamOptions,
): [tf.Tensor, tf.Tensor, tf.Tensor] {
  // m̂ / (√v̂ + ε) with m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ), both corrections moved out of the element loop.
  const correction = Math.sqrt(1 - beta2 ** step);
  const attributes: AdamAttributes = {
    rate: (learningRate * correction) / (1 - beta1 ** step),
    beta1,
    beta2,
    epsilon: epsilon * correction,
  };
  const inputs = { value, gradient, firstMoment, secondMoment };
  return runKernel('run adamUpdate', ADAM_UPDATE.forward, inputs, attributes) as [tf.Tensor, tf.Tensor, tf.Tensor];
}
