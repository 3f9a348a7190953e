/** Dilation rates of an atrous spatial pyramid. */
import { checkInteger, rangeError, typeError, type Action } from '../errors.js';
import { LONGEST_AXIS } from '../kernel/geometry.js';

/**
 * Checks dilation rates, which name the branches of a pyramid and so must differ.
 *
 * @throws TypeError for anything but a list; RangeError for a rate that is out of range or occurs twice
 */
export function readRates(action: Action, rates: unknown): readonly number[] {
  if (!Array.isArray(rates)) throw typeError(action, 'rates must be a list of integers', 'rates', rates);
  const read = rates.map((rate) => checkInteger(action, 'rates', rate, 1, LONGEST_AXIS));
  if (new Set(read).size < read.length) throw rangeError(action, 'rates must all differ', 'rates', rates);
  return read;
}
