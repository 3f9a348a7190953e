/** The check of an argument that must be the path of a file or folder. */
import { typeError, type Action } from '../errors.js';

/** Rejects anything but a path. */
export function checkPath(action: Action, name: string, value: unknown): asserts value is string {
  if (typeof value !== 'string' || value === '') throw typeError(action, `${name} must be a path`, name, value);
}
