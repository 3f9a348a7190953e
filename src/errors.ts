/**
 * Errors that users see, all of one form: "Cannot ⟨action⟩: ⟨rule⟩, received ⟨name⟩ = ⟨value⟩".
 * `TypeError` for a wrong kind, `RangeError` for out of range, named classes for the rest.
 */

/** An operator that the active backend cannot run. */
export class UnsupportedBackendError extends Error {
  override readonly name = 'UnsupportedBackendError';

  constructor(action: string, backend: string, reason: string) {
    super(`Cannot ${action}: ${reason}, received backend = '${backend}'`);
  }
}

/** A file that is truncated, corrupt or not in the expected format. */
export class CorruptFileError extends Error {
  override readonly name = 'CorruptFileError';

  constructor(action: string, rule: string, file: string) {
    super(oneLine(`Cannot ${action}: ${rule}, received file = '${file}'`));
  }
}

/** Action named in an error, after "Cannot": `'run deformConv2d'` for an op, `"build layer 'conv_1'"` for a layer. */
export type Action = string;

/** Most characters of a value in a message. */
const LONGEST = 200;

/** Formats a received value for an error message: on one line, and abbreviated if it is long. */
export function show(value: unknown): string {
  const text = oneLine(write(value));
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** Replaces line breaks and other control characters, which names of files and other user input may contain. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, ' ');
}

function write(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'function') return `function ${value.name}`;
  if (Array.isArray(value)) return `[${value.slice(0, LONGEST).map(write).join(', ')}]`;
  if (typeof value === 'object' && value !== null) return writeObject(value);
  return String(value);
}

/** Formats plain objects as JSON and instances (a tensor, a model) by their class, since they may be large or cyclic. */
function writeObject(value: object): string {
  const name = (value as { constructor?: { name?: unknown } }).constructor?.name;
  if (!isPlainObject(value)) return `an instance of ${typeof name === 'string' && name !== '' ? name : 'a class'}`;
  try {
    return JSON.stringify(value, (_, inner: unknown) =>
      typeof inner === 'object' && inner !== null && !Array.isArray(inner) && !isPlainObject(inner)
        ? writeObject(inner)
        : inner,
    );
  } catch {
    return 'an object that JSON cannot represent';
  }
}

/** Tests for a plain object, as created by an object literal in this realm or another. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'toString'));
}

/** Creates the error for a value of the wrong kind. */
export function typeError(action: Action, rule: string, name: string, value: unknown): TypeError {
  return new TypeError(`Cannot ${action}: ${rule}, received ${name} = ${show(value)}`);
}

/** Creates the error for a value of the right kind that is out of range. */
export function rangeError(action: Action, rule: string, name: string, value: unknown): RangeError {
  return new RangeError(`Cannot ${action}: ${rule}, received ${name} = ${show(value)}`);
}

/** Largest integer that can be passed to the kernels of every backend. */
export const LARGEST_INTEGER = 2 ** 31 - 1;

/** Returns the value if it is an integer from `minimum` to `maximum`; throws otherwise. */
export function checkInteger(
  action: Action,
  name: string,
  value: unknown,
  minimum: number,
  maximum = LARGEST_INTEGER,
): number {
  if (typeof value !== 'number') throw typeError(action, `${name} must be an integer`, name, value);
  if (!Number.isInteger(value) || value < minimum) {
    throw rangeError(action, `${name} must be an integer of at least ${minimum}`, name, value);
  }
  if (value > maximum) throw rangeError(action, `${name} must be an integer of at most ${maximum}`, name, value);
  return value;
}

/** Limits of a range of numbers. */
export interface Range {
  readonly from?: number;
  readonly above?: number;
  readonly to?: number;
  readonly below?: number;
}

/** Returns the value if it is a number in the range that float32 can represent; throws otherwise. */
export function checkNumber(action: Action, name: string, value: unknown, range: Range = {}): number {
  const { from = -Infinity, above = -Infinity, to = Infinity, below = Infinity } = range;
  const rule = `${name} must be a number${describeRange(range)}`;
  if (typeof value !== 'number') throw typeError(action, rule, name, value);
  const single = Math.fround(value);
  if (!Number.isFinite(value)) throw rangeError(action, `${name} must be finite`, name, value);
  if (!Number.isFinite(single)) throw rangeError(action, `${name} must be finite as a float32 number`, name, value);
  const isInside = value >= from && single > above && value <= to && value < below;
  if (!isInside) throw rangeError(action, rule, name, value);
  return value;
}

/** Formats a range for the end of a sentence: ' above 0 and of at most 1'. */
function describeRange({ from, above, to, below }: Range): string {
  const ends = [
    ...(from === undefined ? [] : [`of at least ${from}`]),
    ...(above === undefined ? [] : [`above ${above}`]),
    ...(to === undefined ? [] : [`of at most ${to}`]),
    ...(below === undefined ? [] : [`below ${below}`]),
  ].join(' and ');
  return ends === '' ? '' : ` ${ends}`;
}

/** Returns the value if it is true or false; throws otherwise. */
export function checkBoolean(action: Action, name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw typeError(action, `${name} must be true or false`, name, value);
  return value;
}

/** Returns the value if it is one of the listed words; throws otherwise. */
export function checkOneOf<T extends string>(action: Action, name: string, value: unknown, words: readonly T[]): T {
  const list = words.map((word) => `'${word}'`).join(', ');
  if (typeof value !== 'string') throw typeError(action, `${name} must be one of ${list}`, name, value);
  const found = words.find((word) => word === value);
  if (found === undefined) throw rangeError(action, `${name} must be one of ${list}`, name, value);
  return found;
}
