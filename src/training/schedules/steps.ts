/** A rate that falls by a factor every so many steps. */
import { described } from '../description.js';
import { checkInteger, rangeError, typeError } from '../../errors.js';
import { checkOptions, type OptionNames } from '../../support/check_options.js';
import { checkNotNegative, checkPositive } from '../checks.js';
import type { Schedule } from './schedule.js';

/** Options of {@link steps}. */
export interface StepsOptions {
  /** Rate of the first step. */
  readonly initial: number;
  /** Steps at which the rate changes: a number for its multiples, or a list in increasing order. */
  readonly at: number | readonly number[];
  /** Factor of each change. @default 0.1 */
  readonly factor?: number;
}

const ACTION = 'create a schedule';
const OPTIONS: OptionNames<StepsOptions> = { initial: true, at: true, factor: true };

/**
 * Creates a schedule that multiplies the rate by a factor at some steps: torch's `StepLR` and `MultiStepLR`.
 *
 * @param options rate, steps and factor; see {@link StepsOptions}
 * @throws TypeError or RangeError if an option is unknown or out of range
 * @example
 * ```ts
 * import { schedules } from 'tfjs-convolutions/training';
 *
 * const rate = schedules.steps({ initial: 1, at: [100, 150], factor: 0.5 });
 * console.log([99, 100, 150].map(rate)); // [1, 0.5, 0.25]
 * ```
 */
export function steps(options: StepsOptions): Schedule {
  checkOptions(ACTION, options, OPTIONS);
  const { initial, at, factor = 0.1 } = options;
  checkPositive(ACTION, 'initial', initial);
  checkNotNegative(ACTION, 'factor', factor);
  const check = (value: unknown): number => checkInteger(ACTION, 'at', value, 1, Number.MAX_SAFE_INTEGER);
  if (typeof at === 'number') {
    check(at);
    return described('steps', options, (step) => initial * factor ** Math.floor(step / at));
  }
  if (!Array.isArray(at)) throw typeError(ACTION, 'at must be a number of steps or a list of steps', 'at', at);
  const places: number[] = at.map(check);
  if (places.some((place, index) => index > 0 && place <= places[index - 1]!)) {
    throw rangeError(ACTION, 'at must be in increasing order', 'at', at);
  }
  return described('steps', options, (step) => initial * factor ** places.filter((place) => step >= place).length);
}
