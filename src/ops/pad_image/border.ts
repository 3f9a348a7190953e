/** Source pixels of the padding: pure arithmetic along one axis, as in src/kernel/geometry.ts. */
import { rangeError, type Action } from '../../errors.js';
import type { BorderMode } from './kernels.js';

/** Throws if an axis of this size has too few pixels for the amounts of padding. */
export function checkBorder(action: Action, size: number, sides: readonly [number, number], mode: BorderMode): void {
  const limit = size === 0 || mode === 'circular' ? size : mode === 'reflect' ? size - 1 : Infinity;
  const largest = Math.max(...sides);
  if (largest > limit) {
    const rule = `paddingMode '${mode}' allows at most ${limit} on an axis of size ${size}`;
    throw rangeError(action, rule, 'padding', largest);
  }
}

/**
 * Position along an axis that supplies the value at `at`, which may lie outside by as much as {@link checkBorder}
 * allows.
 */
export function sourceOf(at: number, size: number, mode: BorderMode): number {
  if (at >= 0 && at < size) return at;
  if (mode === 'replicate') return at < 0 ? 0 : size - 1;
  if (mode === 'circular') return at < 0 ? at + size : at - size;
  return at < 0 ? -at : 2 * (size - 1) - at;
}
