/**
 * Weighted sums of many pairs of tensors as one kernel: moving averages, and the steps of optimizers that are linear in
 * the gradient. Not differentiable, so that none of it is kept for a backward pass: the host keeps copies of all factors
 * that it multiplies in a training step.
 */
import type * as tf from '@tensorflow/tfjs';
import { toNamed } from '../lists.js';
import { runKernel } from '../run_kernel.js';
import { WEIGHTED_SUMS, type WeightedSumsAttributes } from './names.js';

/**
 * a · weightA + b · weightB for every pair.
 *
 * @param a at least one, of any shapes, float32
 * @param b as many, each of the shape of its a
 */
export function weightedSums(
  a: readonly tf.Tensor[],
  b: readonly tf.Tensor[],
  weightA: number,
  weightB: number,
): tf.Tensor[] {
  const attributes: WeightedSumsAttributes = { weightA, weightB };
  return runKernel('run weightedSums', WEIGHTED_SUMS.forward, toNamed({ a, b }), attributes);
}
