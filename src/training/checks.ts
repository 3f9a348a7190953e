/** Checks of arguments that several functions of this folder share. */
import { rangeError, typeError, type Action } from '../errors.js';

/** Limits of positive numbers: well inside the range of float32, so that none becomes 0 or infinite, even bias-corrected. */
const LEAST = 1e-30;
const MOST = 1e30;

/** Returns the value if it is a number above 0 that float32 can represent; throws otherwise. */
export function checkPositive(action: Action, name: string, value: unknown): number {
  const rule = `${name} must be a positive number from ${LEAST} to ${MOST}`;
  if (typeof value !== 'number') throw typeError(action, rule, name, value);
  if (!(value >= LEAST && value <= MOST)) throw rangeError(action, rule, name, value);
  return value;
}

/** Returns the value if it is a number of at least 0 that float32 can represent; throws otherwise. */
export function checkNotNegative(action: Action, name: string, value: unknown): number {
  const rule = `${name} must be a number from 0 to ${MOST}`;
  if (typeof value !== 'number') throw typeError(action, rule, name, value);
  if (!(value >= 0 && value <= MOST)) throw rangeError(action, rule, name, value);
  return value;
}

/** Returns the value if it is a number in [0, 1); throws otherwise. */
export function checkBelowOne(action: Action, name: string, value: unknown): number {
  const rule = `${name} must be at least 0 and below 1`;
  if (typeof value !== 'number') throw typeError(action, rule, name, value);
  if (!(value >= 0 && value < 1)) throw rangeError(action, rule, name, value);
  return value;
}

/** Throws unless the value is a function or undefined. */
export function checkCallback(action: Action, name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function') {
    throw typeError(action, `${name} must be a function`, name, value);
  }
}

/** Throws unless the value is an abort signal or undefined. */
export function checkSignal(action: Action, value: unknown): void {
  if (value === undefined) return;
  // Duck typing: a signal from another window is not an instance of this window's AbortSignal.
  const { aborted, throwIfAborted } = (value ?? {}) as Partial<AbortSignal>;
  if (typeof aborted !== 'boolean' || typeof throwIfAborted !== 'function') {
    throw typeError(action, 'signal must be an AbortSignal', 'signal', value);
  }
}
