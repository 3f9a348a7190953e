/** Values of options: text from the command line to checked numbers. */
import { InvalidArgumentError } from 'commander';
import { MAX_SEED } from '../training/random.js';

/** A parser of integers from `minimum` to `maximum`. */
export function integer(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = toNumber(text);
    if (Number.isInteger(value) && value >= minimum && value <= maximum) return value;
    throw new InvalidArgumentError(`It must be an integer from ${minimum} to ${maximum}.`);
  };
}

/** A parser of numbers above 0 and up to `maximum`. */
export function positive(maximum: number): (text: string) => number {
  return (text) => {
    const value = toNumber(text);
    if (value > 0 && value <= maximum) return value;
    throw new InvalidArgumentError(`It must be above 0 and at most ${maximum}.`);
  };
}

export const seed = integer(0, MAX_SEED);

/** A parser of names and paths. An option whose value was forgotten would take the next option for it. */
export function text(value: string): string {
  if (value === '') throw new InvalidArgumentError('It must not be empty.');
  if (value.startsWith('-')) throw new InvalidArgumentError(`It must not begin with '-' (a path may be './-…').`);
  return value;
}

/** Only plain decimal numbers: Number() would also take '', ' 1', '0x10'. */
function toNumber(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
}
