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

/** A file that is cut short, damaged or of another kind than its place says. */
export class CorruptFileError extends Error {
  override readonly name = 'CorruptFileError';

  constructor(action: string, rule: string, file: string) {
    super(`Cannot ${action}: ${rule}, received file = '${file}'`);
  }
}

/** Who is checking: `'run deformConv2d'` for an op, `"build layer 'conv_1'"` for a layer. */
export type Action = string;

/** The received value as it stands in an error message. */
export function show(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'function') return `function ${value.name}`;
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return String(value);
}

export function typeError(action: Action, rule: string, name: string, value: unknown): TypeError {
  return new TypeError(`Cannot ${action}: ${rule}, received ${name} = ${show(value)}`);
}

export function rangeError(action: Action, rule: string, name: string, value: unknown): RangeError {
  return new RangeError(`Cannot ${action}: ${rule}, received ${name} = ${show(value)}`);
}

/** The value, if it is an integer of at least `minimum`; otherwise one clear error. */
export function checkInteger(action: Action, name: string, value: unknown, minimum: number): number {
  if (typeof value !== 'number') throw typeError(action, `${name} must be an integer`, name, value);
  if (!Number.isInteger(value) || value < minimum) {
    throw rangeError(action, `${name} must be an integer of at least ${minimum}`, name, value);
  }
  return value;
}

/** The value, if it is one of the listed words; otherwise one clear error. */
export function checkOneOf<T extends string>(action: Action, name: string, value: unknown, words: readonly T[]): T {
  const list = words.map((word) => `'${word}'`).join(', ');
  if (typeof value !== 'string') throw typeError(action, `${name} must be one of ${list}`, name, value);
  const found = words.find((word) => word === value);
  if (found === undefined) throw rangeError(action, `${name} must be one of ${list}`, name, value);
  return found;
}
