/** One Adam step for all variables as a single kernel (TensorFlow.js composes it from about twenty per variable). */
import type * as tf from '@tensorflow/tfjs';
import { rangeError } from '../../errors.js';
import { liveAttributes } from '../../kernel/live_attributes.js';
import { checkFloatTensor, checkShape } from '../checks.js';
import { toNamed } from '../lists.js';
import { runKernel } from '../run_kernel.js';
import { ADAM_INPUTS, ADAM_UPDATES, type AdamAttributes } from './kernels.js';

/** A number, or a function that returns it at every call, replayed ones too. */
export type Live = number | (() => number);

/** One variable: float32 tensors of one shape. */
export interface AdamVariable {
  readonly value: tf.Tensor;
  readonly gradient: tf.Tensor;
  readonly firstMoment: tf.Tensor;
  readonly secondMoment: tf.Tensor;
  readonly learningRate: Live;
}

/** Hyperparameters of {@link adamUpdates}. */
export interface AdamOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Index of this step, starting at 1. */
  readonly step: Live;
}

/** Updated value and moments of a variable. */
export type AdamResult = Pick<AdamVariable, 'value' | 'firstMoment' | 'secondMoment'>;

const ACTION = 'run adamUpdates';

/**
 * Computes the updated values and moments. Not differentiable.
 *
 * @param variables one or more
 * @throws TypeError or RangeError if the tensors of a variable have unequal shapes
 * @see Kingma and Ba, "Adam" (2015), algorithm 1
 */
export function adamUpdates(
  variables: readonly AdamVariable[],
  { beta1, beta2, epsilon, step }: AdamOptions,
): AdamResult[] {
  if (variables.length === 0) throw rangeError(ACTION, 'there must be at least one variable', 'variables.length', 0);
  variables.forEach((variable, index) => {
    const { shape } = checkFloatTensor(ACTION, `value ${index}`, variable.value, [variable.value.rank]);
    for (const name of ADAM_INPUTS) checkShape(ACTION, `${name} ${index}`, variable[name], shape, `of value ${index}`);
  });
  // m̂ / (√v̂ + ε) with m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ), both corrections hoisted out of the element loop.
  const rates = variables.map(({ learningRate }) => learningRate);
  const attributes = liveAttributes((): AdamAttributes => {
    const steps = read(step);
    const correction = Math.sqrt(1 - beta2 ** steps);
    return {
      rates: rates.map((rate) => (read(rate) * correction) / (1 - beta1 ** steps)),
      beta1,
      beta2,
      epsilon: epsilon * correction,
    };
  });
  const inputs = toNamed({
    value: variables.map(({ value }) => value),
    gradient: variables.map(({ gradient }) => gradient),
    firstMoment: variables.map(({ firstMoment }) => firstMoment),
    secondMoment: variables.map(({ secondMoment }) => secondMoment),
  });
  const results = runKernel(ACTION, ADAM_UPDATES.forward, inputs, attributes);
  return variables.map((_, index) => {
    const [value, firstMoment, secondMoment] = results.slice(3 * index) as [tf.Tensor, tf.Tensor, tf.Tensor];
    return { value, firstMoment, secondMoment };
  });
}

function read(value: Live): number {
  return typeof value === 'number' ? value : value();
}
