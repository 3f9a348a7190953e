/** Checks of values that several functions of training take. */
import { rangeError, typeError, type Action } from '../errors.js';

/** Limits of positive numbers: far inside float32, also after a bias correction, so that none becomes 0 or infinite. */
const LEAST = 1e-30;
const MOST = 1e30;

/** The value, if it is a number above 0 that float32 can hold. */
export function checkPositive(action: Action, name: string, value: unknown): number {
  const rule = `${name} must be a positive number from ${LEAST} to ${MOST}`;
  if (typeof value !== 'number') throw typeError(action, rule, name, value);
  if (!(value >= LEAST && value <= MOST)) throw rangeError(action, rule, name, value);
  return value;
}

/** The value, if it is a number of at least 0 that float32 can hold. */
export function checkNotNegative(action: Action, name: string, value: unknown): number {
  const rule = `${name} must be a number from 0 to ${MOST}`;
  if (typeof value !== 'number') throw typeError(action, rule, name, value);
  if (!(value >= 0 && value <= MOST)) throw rangeError(action, rule, name, value);
  return value;
}

/** The value, if it is a number in [0, 1). */
export function checkBelowOne(action: Action, name: string, value: unknown): number {
  const rule = `${name} must be at least 0 and below 1`;
  if (typeof value !== 'number') throw typeError(action, rule, name, value);
  if (!(value >= 0 && value < 1)) throw rangeError(action, rule, name, value);
  return value;
}

/** Refuses what is neither a function nor left out. */
export function checkCallback(action: Action, name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function') {
    throw typeError(action, `${name} must be a function`, name, value);
  }
}

/** Refuses what is neither a signal nor left out. */
export function checkSignal(action: Action, value: unknown): void {
  if (value === undefined) return;
  // By its parts: a signal of another window is no instance of this one's class.
  const { aborted, throwIfAborted } = (value ?? {}) as Partial<AbortSignal>;
  if (typeof aborted !== 'boolean' || typeof throwIfAborted !== 'function') {
    throw typeError(action, 'signal must be an AbortSignal', 'signal', value);
  }
}
