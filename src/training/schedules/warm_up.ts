/** Linear warm-up before another schedule. */
import { described } from '../description.js';
import { checkInteger, typeError } from '../../errors.js';
import { checkOptions, type OptionNames } from '../../support/check_options.js';
import { checkNotNegative } from '../checks.js';
import type { Schedule } from './schedule.js';

/** Options of {@link warmUp}. */
export interface WarmUpOptions {
  /** Number of steps of the warm-up. */
  readonly steps: number;
  /** Schedule afterwards, whose first step is the one after the warm-up. */
  readonly then: Schedule;
  /** Rate of the first step. @default 0 */
  readonly from?: number;
}

const ACTION = 'create a schedule';
const OPTIONS: OptionNames<WarmUpOptions> = { steps: true, then: true, from: true };

/**
 * Creates a schedule that rises linearly to the first rate of another one, which then follows.
 *
 * @param options number of steps, first rate and the schedule that follows; see {@link WarmUpOptions}
 * @returns from + (then(0) − from) · step / steps, and then(step − steps) from `steps` on
 * @throws TypeError or RangeError if an option is unknown or out of range
 * @example
 * ```ts
 * import { schedules } from 'tfjs-convolutions/training';
 *
 * const rate = schedules.warmUp({ steps: 4, then: schedules.constant(1) });
 * console.log([0, 1, 2, 3, 4, 5].map(rate)); // [0, 0.25, 0.5, 0.75, 1, 1]
 * ```
 */
export function warmUp(options: WarmUpOptions): Schedule {
  checkOptions(ACTION, options, OPTIONS);
  const { steps, then, from = 0 } = options;
  checkInteger(ACTION, 'steps', steps, 0, Number.MAX_SAFE_INTEGER);
  checkNotNegative(ACTION, 'from', from);
  // Unlike a callback, it must be given.
  if (typeof then !== 'function') throw typeError(ACTION, 'then must be a function', 'then', then);
  return described('warmUp', options, (step) =>
    step < steps ? from + ((then(0) - from) * step) / steps : then(step - steps),
  );
}
