/**
 * The sum of two tensors by weights as one kernel, for moving averages. Not differentiable, so that none of it is kept for
 * a backward pass: the host keeps copies of all factors that it multiplies in a training step.
 */
import type * as tf from '@tensorflow/tfjs';
import { runKernel1 } from '../run_kernel.js';
import { WEIGHTED_SUM, type WeightedSumAttributes } from './names.js';

/**
 * a · weightA + b · weightB.
 *
 * @param a any shape, float32
 * @param b shape of a
 */
export function weightedSum(a: tf.Tensor, b: tf.Tensor, weightA: number, weightB: number): tf.Tensor {
  const attributes: WeightedSumAttributes = { weightA, weightB };
  return runKernel1('run weightedSum', WEIGHTED_SUM.forward, { a, b }, attributes);
}
