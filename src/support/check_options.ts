/**
 * Refuses what a function would ignore: something else in place of the options object (the positional arguments of
 * TensorFlow.js, say) and an option that is not known.
 */
import { typeError, type Action } from '../errors.js';

/**
 * The names of all options in an interface. The compiler demands each of them and no other, so that an option that is
 * added to the interface cannot be forgotten here.
 */
export type OptionNames<Options> = { readonly [Name in keyof Required<Options>]: true };

/**
 * Checks that `options` is a plain object without unknown names; values are checked where they are read.
 *
 * @throws TypeError naming the first unknown option, or saying that an object must stand there
 */
export function checkOptions(action: Action, options: unknown, names: Readonly<Record<string, true>>): void {
  const list = Object.keys(names).join(', ');
  if (!isPlainObject(options)) {
    throw typeError(action, `options must be an object of ${list}`, 'options', describe(options));
  }
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(names, name)) throw typeError(action, `the options are ${list}`, name, describe(value));
  }
}

/** Whether the value is what an object literal makes, in this realm or in another. */
function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'toString'));
}

/** The value as an error can show it: an instance by its class, since a tensor, say, has no JSON worth reading. */
function describe(value: unknown): unknown {
  const isInstance = typeof value === 'object' && value !== null && !Array.isArray(value) && !isPlainObject(value);
  return isInstance ? (value as object).constructor : value;
}
