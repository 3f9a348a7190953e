/**
 * Refuses what a function would ignore: something else in place of the options object (the positional arguments of
 * TensorFlow.js, say) and an option that is not known.
 */
import { isPlainObject, typeError, type Action } from '../errors.js';

/**
 * The names of all options in an interface. The compiler demands each of them and no other, so that an option that is
 * added to the interface cannot be forgotten here, and `'nullable'` where the type of the option has `null`.
 */
export type OptionNames<Options> = {
  readonly [Name in keyof Required<Options>]: null extends Options[Name] ? 'nullable' : true;
};

/** {@link OptionNames} of some interface. */
export type KnownOptions = Readonly<Record<string, true | 'nullable'>>;

/** How errors of {@link checkOptions} speak of the options. */
interface Wording {
  /** The call as it must be written, where callers may know another form: `conv2d(x, filter, {strides: 2})`. */
  readonly call?: string;
  /** The option whose value they are, where they are options of an option. */
  readonly of?: string;
}

/**
 * Checks that `options` is a plain object without unknown names, and with `null` only where an option may be that;
 * other values are checked where they are read.
 *
 * @throws TypeError naming the first unknown option, or saying that an object must stand there
 */
export function checkOptions(action: Action, options: unknown, names: KnownOptions, { call, of }: Wording = {}): void {
  const list = Object.keys(names).join(', ');
  if (!isPlainObject(options)) {
    const form = call === undefined ? '' : `: write ${call}`;
    const name = of ?? 'options';
    throw typeError(action, `${name} must be an object of ${list}${form}`, name, options);
  }
  for (const [key, value] of Object.entries(options)) {
    const name = of === undefined ? key : `${of}.${key}`;
    if (!Object.hasOwn(names, key)) {
      throw typeError(action, `the options${of === undefined ? '' : ` of ${of}`} are ${list}`, name, value);
    }
    if (value === null && names[key] !== 'nullable') {
      throw typeError(action, `${name} must not be null; leave it out for its default`, name, value);
    }
  }
}
