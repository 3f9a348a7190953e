/**
 * Weighted sums of many pairs of tensors as one kernel: moving averages, and the steps of optimizers that are linear in
 * the gradient. Not differentiable, so that none of it is kept for a backward pass: the host keeps copies of all factors
 * that it multiplies in a training step.
 */
import type * as tf from '@tensorflow/tfjs';
import { rangeError } from '../../errors.js';
import { checkFloatTensor, checkShape } from '../checks.js';
import { toNamed } from '../lists.js';
import { runKernel } from '../run_kernel.js';
import { WEIGHTED_SUMS, type WeightedSumsAttributes } from './names.js';

const ACTION = 'run weightedSums';

/**
 * a · weightA + b · weightB for every pair.
 *
 * @param a at least one, of any shapes, float32
 * @param b as many, each of the shape of its a
 * @throws TypeError or RangeError if a pair has unequal shapes or one has no partner
 */
export function weightedSums(
  a: readonly tf.Tensor[],
  b: readonly tf.Tensor[],
  weightA: number,
  weightB: number,
): tf.Tensor[] {
  if (a.length === 0 || a.length !== b.length) {
    throw rangeError(ACTION, 'a and b must be equally many, at least one', '[a, b]', [a.length, b.length]);
  }
  a.forEach((tensor, index) => {
    const { shape } = checkFloatTensor(ACTION, `a[${index}]`, tensor, [tensor.rank]);
    checkShape(ACTION, `b[${index}]`, b[index], shape, `of a[${index}]`);
  });
  const attributes: WeightedSumsAttributes = { weightA, weightB };
  return runKernel(ACTION, WEIGHTED_SUMS.forward, toNamed({ a, b }), attributes);
}
