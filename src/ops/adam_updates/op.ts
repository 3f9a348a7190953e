/** One Adam step for all variables as a single kernel (TensorFlow.js composes it from about twenty per variable). */
import type * as tf from '@tensorflow/tfjs';
import { rangeError } from '../../errors.js';
import { liveAttributes, readLive, type Live } from '../../kernel/live_attributes.js';
import { checkFloatTensor, checkShape } from '../checks.js';
import { toNamed } from '../lists.js';
import { runKernel } from '../run_kernel.js';
import { ADAM_INPUTS, ADAM_UPDATES, type AdamAttributes } from './kernels.js';

/** One variable: float32 tensors of one shape. */
export interface AdamVariable {
  readonly value: tf.Tensor;
  readonly gradient: tf.Tensor;
  readonly firstMoment: tf.Tensor;
  readonly secondMoment: tf.Tensor;
  readonly learningRate: Live;
  /** Decoupled weight decay: the value shrinks by learningRate · weightDecay of itself. @default 0 */
  readonly weightDecay?: number;
}

/** Hyperparameters of {@link adamUpdates}. */
export interface AdamOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Index of this step, starting at 1. */
  readonly step: Live;
  /** Returns true where values and moments are to stay as they are; asked at every call, replayed ones too. */
  readonly isIdle?: (() => boolean) | undefined;
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
  { beta1, beta2, epsilon, step, isIdle }: AdamOptions,
): AdamResult[] {
  if (variables.length === 0) throw rangeError(ACTION, 'there must be at least one variable', 'variables.length', 0);
  variables.forEach((variable, index) => {
    const { shape } = checkFloatTensor(ACTION, `value ${index}`, variable.value, [variable.value.rank]);
    for (const name of ADAM_INPUTS) checkShape(ACTION, `${name} ${index}`, variable[name], shape, `of value ${index}`);
  });
  // m̂ / (√v̂ + ε) with m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ), both corrections hoisted out of the element loop.
  const rates = variables.map(({ learningRate }) => learningRate);
  const attributes = liveAttributes((): AdamAttributes => {
    const steps = readLive(step);
    const correction = Math.sqrt(1 - beta2 ** steps);
    const corrected = epsilon * correction;
    // With these numbers the kernel returns what it is given.
    if (isIdle?.()) {
      return { rates: rates.map(() => 0), keeps: rates.map(() => 1), beta1: 1, beta2: 1, epsilon: corrected };
    }
    const current = rates.map(readLive);
    return {
      rates: current.map((rate) => (rate * correction) / (1 - beta1 ** steps)),
      keeps: current.map((rate, index) => 1 - rate * (variables[index]!.weightDecay ?? 0)),
      beta1,
      beta2,
      epsilon: corrected,
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
