/** Dropout: zeroes random elements, the same ones on every backend. */
import type * as tf from '@tensorflow/tfjs';
import { checkInteger, checkNumber } from '../../errors.js';
import { MAX_SEED } from '../../kernel/philox.js';
import type { OptionNames } from '../../support/check_options.js';
import { checkCall, checkFloatTensor } from '../checks.js';
import { applyDropout, randomKey } from './apply.js';
import { checkNoiseShape, type NoiseShape } from './noise_shape.js';

/** Options of {@link dropout}. */
export interface DropoutOptions {
  /** Fraction of the elements to drop, in [0, 1). */
  readonly rate: number;
  /**
   * Seed of the mask, an integer from 0 to 2³² − 1: equal seeds drop the same elements. @default drawn from
   * `Math.random()` at each call
   */
  readonly seed?: number;
  /**
   * Shape of the mask, with as many axes as `x`: 1 to drop along the whole axis at once, null for the length of `x`.
   * @default the shape of `x`
   */
  readonly noiseShape?: NoiseShape;
}

const ACTION = 'run dropout';
const OPTIONS: OptionNames<DropoutOptions> = { rate: true, seed: true, noiseShape: true };
const RANKS = [0, 1, 2, 3, 4, 5, 6] as const;

/**
 * Sets each element to 0 with probability `rate`, and multiplies the others by 1 / (1 − rate) in float32, so that the
 * expected sum stays the same. A dropped element is 0 even if it was NaN or infinite.
 *
 * The mask is the same on every backend: element i is kept if word i mod 4 of Philox4x32-10 with the counter
 * (⌊i / 4⌋, 0, 0, 0) is at least rate · 2³². The key is (seed, 0), or two words of `Math.random()`.
 *
 * Differentiable in `x`, to any order: the gradient has the same mask and scale.
 *
 * @param x any shape, float32
 * @param options rate, seed and shape of the mask
 * @returns a tensor of the shape of x
 * @throws TypeError for a wrong kind or dtype, or an unknown option; RangeError if the rate is not in [0, 1), or the mask
 *   does not fit `x`
 * @see Srivastava et al., "Dropout" (2014); Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3" (2011)
 * @example
 * ```ts
 * const y = conv.dropout(tf.ones([2, 4]), { rate: 0.5, seed: 4, noiseShape: [2, 1] });
 * console.log(y.arraySync()); // [[0, 0, 0, 0], [2, 2, 2, 2]]
 * ```
 */
export function dropout<T extends tf.Tensor>(x: T, options: DropoutOptions, ...more: never[]): T {
  checkCall(ACTION, 'dropout(x, {rate, …})', options, OPTIONS, more);
  checkFloatTensor(ACTION, 'x', x, RANKS);
  const { seed, noiseShape } = options;
  const plan = {
    rate: checkNumber(ACTION, 'rate', options.rate, { from: 0, below: 1 }),
    noiseShape: noiseShape === undefined ? undefined : checkNoiseShape(ACTION, noiseShape),
  };
  if (seed === undefined) return applyDropout(ACTION, x, plan, randomKey);
  checkInteger(ACTION, 'seed', seed, 0, MAX_SEED);
  return applyDropout(ACTION, x, plan, () => [seed, 0]);
}
