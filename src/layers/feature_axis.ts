/** An axis of features, such as channels: any but that of the batch, counted from the start or from the end. */
import { checkInteger, rangeError, type Action } from '../errors.js';

/** Highest tensor rank in tfjs. */
const MAX_RANK = 6;

/** Checks the option `axis`; -1 if it is absent. */
export function readFeatureAxis(action: Action, axis: unknown): number {
  const read = checkInteger(action, 'axis', axis ?? -1, -MAX_RANK, MAX_RANK - 1);
  if (read === 0) throw rangeError(action, 'axis must not be the batch axis', 'axis', read);
  return read;
}

/** The axis, counted from 0, of an input of the given rank. */
export function featureAxisOf(action: Action, axis: number, rank: number): number {
  const counted = axis < 0 ? axis + rank : axis;
  if (counted < 1 || counted >= rank) {
    throw rangeError(action, `axis must be one of the axes 1 to ${rank - 1} of the input`, 'axis', axis);
  }
  return counted;
}
