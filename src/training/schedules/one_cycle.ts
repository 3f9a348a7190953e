/** One-cycle policy: L. N. Smith, N. Topin, "Super-Convergence", arXiv 1708.07120, in torch's form with cosines. */
import { described } from '../description.js';
import { checkInteger, checkNumber } from '../../errors.js';
import { checkOptions, type OptionNames } from '../../support/check_options.js';
import { checkPositive } from '../checks.js';
import type { Schedule } from './schedule.js';

/** Options of {@link oneCycle}. */
export interface OneCycleOptions {
  /** Highest rate. */
  readonly highest: number;
  /** Number of steps of the cycle. */
  readonly steps: number;
  /** Fraction of the steps during which the rate rises, in (0, 1). @default 0.3 */
  readonly rising?: number;
  /** Highest rate divided by the first one. @default 25 */
  readonly initialDivisor?: number;
  /** First rate divided by the last one. @default 10000 */
  readonly finalDivisor?: number;
}

const ACTION = 'create a schedule';
const OPTIONS: OptionNames<OneCycleOptions> = {
  highest: true,
  steps: true,
  rising: true,
  initialDivisor: true,
  finalDivisor: true,
};

/**
 * Creates a schedule that rises to the highest rate and falls far below the first one, along halves of cosines: torch's
 * `OneCycleLR`. After the last step the rate stays.
 *
 * @param options rates and number of steps; see {@link OneCycleOptions}
 * @throws TypeError or RangeError if an option is unknown or out of range
 * @see Smith and Topin, "Super-Convergence" (2018)
 * @example
 * ```ts
 * import { schedules } from 'tfjs-convolutions/training';
 *
 * const rate = schedules.oneCycle({ highest: 1, steps: 101, rising: 0.5 });
 * console.log(rate(0) < rate(50), rate(100) < rate(0)); // true true
 * ```
 */
export function oneCycle(options: OneCycleOptions): Schedule {
  checkOptions(ACTION, options, OPTIONS);
  const { highest, steps, rising = 0.3, initialDivisor = 25, finalDivisor = 1e4 } = options;
  checkPositive(ACTION, 'highest', highest);
  checkInteger(ACTION, 'steps', steps, 2, Number.MAX_SAFE_INTEGER);
  checkNumber(ACTION, 'rising', rising, { above: 0, below: 1 });
  const initial = highest / checkPositive(ACTION, 'initialDivisor', initialDivisor);
  const final = initial / checkPositive(ACTION, 'finalDivisor', finalDivisor);
  const last = steps - 1;
  // As in torch, the peak is at rising · steps − 1, which may be between two steps.
  const peak = Math.max(rising * steps - 1, 0);
  return described('oneCycle', options, (step) => {
    if (step <= peak && peak > 0) return between(initial, highest, step / peak);
    return between(highest, final, Math.min((step - peak) / (last - peak), 1));
  });
}

/** Goes from one value to another along half a cosine, for a fraction from 0 to 1. */
function between(start: number, end: number, fraction: number): number {
  return end + ((start - end) / 2) * (1 + Math.cos(Math.PI * fraction));
}
