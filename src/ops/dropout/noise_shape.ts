/** Shape of the mask of dropout, as in Keras: axes of length 1 share it. */
import { checkInteger, rangeError, show, typeError, type Action } from '../../errors.js';

/** Length of each axis of the mask: 1 to share the mask along it, or null for the length of the input. */
export type NoiseShape = readonly (number | null)[];

/** Returns the value if it is a list of lengths or nulls; throws otherwise. */
export function checkNoiseShape(action: Action, value: unknown): NoiseShape {
  if (!Array.isArray(value)) throw typeError(action, 'noiseShape must be a list of lengths', 'noiseShape', value);
  for (const length of value as unknown[]) if (length !== null) checkInteger(action, 'noiseShape', length, 0);
  return value as NoiseShape;
}

/**
 * Resolves the shape of a mask.
 *
 * @param shape shape of the input; null for a length that is not known yet
 * @throws RangeError if the ranks differ, or a length is neither 1 nor that of the input
 */
export function resolveNoiseShape(
  action: Action,
  noiseShape: NoiseShape | undefined,
  shape: readonly (number | null)[],
): (number | null)[] {
  if (noiseShape === undefined) return [...shape];
  const fits = (length: number | null, axis: number): boolean =>
    length === null || length === 1 || shape[axis] === null || length === shape[axis];
  if (noiseShape.length !== shape.length || !noiseShape.every(fits)) {
    const rule = `noiseShape must have 1, null or the length of x for each axis of x, ${show(shape)}`;
    throw rangeError(action, rule, 'noiseShape', noiseShape);
  }
  return noiseShape.map((length, axis) => length ?? shape[axis]!);
}
