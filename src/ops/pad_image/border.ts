/** What stands outside an image: pure arithmetic along one axis, as in ../geometry.ts. */
import { rangeError, type Action } from '../../errors.js';
import type { BorderMode } from './names.js';

/** Refuses amounts of padding that an axis of this size has no pixels for. */
export function checkBorder(action: Action, size: number, sides: readonly [number, number], mode: BorderMode): void {
  const limit = size === 0 || mode === 'circular' ? size : mode === 'reflect' ? size - 1 : Infinity;
  const largest = Math.max(...sides);
  if (largest > limit) {
    const rule = `paddingMode '${mode}' allows at most ${limit} on an axis of size ${size}`;
    throw rangeError(action, rule, 'padding', largest);
  }
}

/** The position of an axis whose value stands at `at`, which may be outside it by as much as {@link checkBorder} allows. */
export function sourceOf(at: number, size: number, mode: BorderMode): number {
  if (at >= 0 && at < size) return at;
  if (mode === 'replicate') return at < 0 ? 0 : size - 1;
  if (mode === 'circular') return at < 0 ? at + size : at - size;
  return at < 0 ? -at : 2 * (size - 1) - at;
}
