/** The same learning rate at every step. */
import { described } from '../description.js';
import { checkPositive } from '../checks.js';
import type { Schedule } from './schedule.js';

/**
 * Creates a schedule of one rate.
 *
 * @param rate learning rate
 * @throws TypeError or RangeError if the rate is not positive
 * @example
 * ```ts
 * import { schedules } from 'tfjs-convolutions/training';
 *
 * console.log(schedules.constant(0.1)(1000)); // 0.1
 * ```
 */
export function constant(rate: number): Schedule {
  checkPositive('create a schedule', 'rate', rate);
  return described('constant', rate, () => rate);
}
