/** The check of an argument that must be a list. */
import { typeError, type Action } from '../errors.js';

/**
 * Rejects anything but a list.
 *
 * @param items what the list holds, as in 'epochs'
 */
export function checkList(action: Action, name: string, value: unknown, items: string): void {
  if (!Array.isArray(value)) throw typeError(action, `${name} must be a list of ${items}`, name, value);
}
