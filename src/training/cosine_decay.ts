/** Learning rate that decays along half a cosine: I. Loshchilov, F. Hutter, "SGDR", arXiv 1608.03983, equation 5. */
import { checkInteger } from '../errors.js';
import { checkNotNegative } from './checks.js';

const ACTION = 'decay the learning rate';

/**
 * Learning rate of one step, which decays from `initial` at step 0 to 0 at `totalSteps` and then stays 0.
 *
 * @param initial learning rate of the first step
 * @param step index of the step, from 0
 * @param totalSteps number of steps of the whole run
 * @returns initial · (1 + cos(π · min(step, totalSteps) / totalSteps)) / 2
 * @throws RangeError if `initial` or `step` is negative, or `totalSteps` is less than 1
 * @see Loshchilov and Hutter, "SGDR" (2017), equation 5
 * @example
 * ```ts
 * import { cosineDecay } from 'tfjs-convolutions/training';
 *
 * console.log(cosineDecay(0.1, 0, 1000)); // 0.1
 * ```
 */
export function cosineDecay(initial: number, step: number, totalSteps: number): number {
  checkNotNegative(ACTION, 'initial', initial);
  checkInteger(ACTION, 'step', step, 0, Number.MAX_SAFE_INTEGER);
  checkInteger(ACTION, 'totalSteps', totalSteps, 1, Number.MAX_SAFE_INTEGER);
  // Math.cos(Math.PI) is −1 exactly.
  return (initial * (1 + Math.cos((Math.PI * Math.min(step, totalSteps)) / totalSteps))) / 2;
}
