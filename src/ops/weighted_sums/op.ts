/**
 * Weighted sums of many pairs of tensors in one kernel, for moving averages and for optimizer steps that are linear in
 * the gradient. Not differentiable, so nothing is kept for a backward pass; TensorFlow.js would keep copies of all
 * factors that it multiplies in a training step.
 */
import type * as tf from '@tensorflow/tfjs';
import { rangeError } from '../../errors.js';
import { liveAttributes, readLive, type Live } from '../../kernel/live_attributes.js';
import { checkFloatTensor, checkShape } from '../checks.js';
import { toNamed } from '../lists.js';
import { runKernel } from '../run_kernel.js';
import { WEIGHTED_SUMS, type Weight, type WeightedSumsAttributes } from './kernels.js';

const ACTION = 'run weightedSums';

/**
 * Computes a · weightA + b · weightB for every pair.
 *
 * @param a one or more tensors of any shape, float32
 * @param b as many tensors, each of the shape of its partner in a
 * @param weightA factor of a, a list of one for each pair, or a function that returns either at every call, replayed ones too
 * @param weightB the same of b
 * @throws TypeError or RangeError if the shapes of a pair differ, or a tensor has no partner or no weight
 */
export function weightedSums(
  a: readonly tf.Tensor[],
  b: readonly tf.Tensor[],
  weightA: Live<Weight>,
  weightB: Live<Weight>,
): tf.Tensor[] {
  if (a.length === 0 || a.length !== b.length) {
    throw rangeError(ACTION, 'a and b must be lists of equal length, with at least one tensor each', '[a, b]', [
      a.length,
      b.length,
    ]);
  }
  a.forEach((tensor, index) => {
    const { shape } = checkFloatTensor(ACTION, `a[${index}]`, tensor, [tensor.rank]);
    checkShape(ACTION, `b[${index}]`, b[index], shape, `of a[${index}]`);
  });
  const read = (): WeightedSumsAttributes => ({
    weightA: checked('weightA', readLive(weightA), a.length),
    weightB: checked('weightB', readLive(weightB), a.length),
  });
  const isLive = typeof weightA === 'function' || typeof weightB === 'function';
  const attributes = isLive ? liveAttributes(read) : read();
  return runKernel(ACTION, WEIGHTED_SUMS.forward, toNamed({ a, b }), attributes);
}

function checked(name: string, weight: Weight, pairs: number): Weight {
  if (typeof weight === 'number' || weight.length === pairs) return weight;
  throw rangeError(ACTION, `${name} must have a weight for each of ${pairs} pairs`, `${name}.length`, weight.length);
}
