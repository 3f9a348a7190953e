/** The check of an argument that must be the result of another function, or an object like it. */
import { typeError, type Action } from '../errors.js';

/**
 * Rejects anything but an object with these fields.
 *
 * @param kind what the argument must be, as in 'a report of cost()'
 * @param fields fields that each such object has
 */
export function checkFields(
  action: Action,
  name: string,
  value: unknown,
  kind: string,
  fields: readonly string[],
): void {
  const isObject = typeof value === 'object' && value !== null;
  if (isObject && fields.every((field) => (value as Record<string, unknown>)[field] !== undefined)) return;
  throw typeError(action, `${name} must be ${kind}`, name, value);
}
