/**
 * Refuses arguments that a function would silently ignore: unknown options, and anything other than an options object, such
 * as the positional arguments of TensorFlow.js.
 */
import { isPlainObject, typeError, type Action } from '../errors.js';

/**
 * Names of all options in an interface. The compiler demands exactly these, so that an option added to the interface cannot
 * be forgotten here, and `'nullable'` if the type of the option includes `null`.
 */
export type OptionNames<Options> = {
  readonly [Name in keyof Required<Options>]: null extends Options[Name] ? 'nullable' : true;
};

/** {@link OptionNames} of any interface. */
export type KnownOptions = Readonly<Record<string, true | 'nullable'>>;

/** Wording of the errors of {@link checkOptions}. */
interface Wording {
  /** Correct form of the call, if callers may expect another one: `conv2d(x, filter, {strides: 2})`. */
  readonly call?: string;
  /** Name of the option that has these options as its value, if they are nested. */
  readonly of?: string;
}

/**
 * Checks that `options` is a plain object without unknown names, and with `null` only where an option allows it; other
 * values are checked where they are read.
 *
 * @throws TypeError if `options` is not an object, or an option is unknown, which is named
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
