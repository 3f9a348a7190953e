/** Decay along half a cosine: I. Loshchilov, F. Hutter, "SGDR", arXiv 1608.03983, equation 5. */
import { described } from '../description.js';
import { checkInteger } from '../../errors.js';
import { checkOptions, type OptionNames } from '../../support/check_options.js';
import { checkNotNegative, checkPositive } from '../checks.js';
import { cosineDecay } from '../cosine_decay.js';
import type { Schedule } from './schedule.js';

/** Options of {@link cosine}. */
export interface CosineOptions {
  /** Rate of the first step. */
  readonly initial: number;
  /** Number of steps after which the rate is the final one. */
  readonly steps: number;
  /** Rate at the end. @default 0 */
  readonly final?: number;
}

const ACTION = 'create a schedule';
const OPTIONS: OptionNames<CosineOptions> = { initial: true, steps: true, final: true };

/**
 * Creates a schedule that goes from `initial` to `final` along half a cosine, and stays there: Keras's `CosineDecay`.
 *
 * @param options rates and number of steps; see {@link CosineOptions}
 * @returns final + (initial − final) · (1 + cos(π · min(step, steps) / steps)) / 2
 * @throws TypeError or RangeError if an option is unknown or out of range
 * @example
 * ```ts
 * import { schedules } from 'tfjs-convolutions/training';
 *
 * const rate = schedules.cosine({ initial: 0.1, steps: 1000 });
 * console.log([0, 500, 1000].map((step) => Number(rate(step).toFixed(6)))); // [0.1, 0.05, 0]
 * ```
 */
export function cosine(options: CosineOptions): Schedule {
  checkOptions(ACTION, options, OPTIONS);
  const { initial, steps, final = 0 } = options;
  checkPositive(ACTION, 'initial', initial);
  checkInteger(ACTION, 'steps', steps, 1, Number.MAX_SAFE_INTEGER);
  checkNotNegative(ACTION, 'final', final);
  return described('cosine', options, (step) => final + cosineDecay(1, step, steps) * (initial - final));
}
