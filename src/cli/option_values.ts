/** Parsers of option values, from command-line text to checked values. */
import { InvalidArgumentError } from 'commander';
import { MAX_SEED } from '../kernel/philox.js';

/** Creates a parser of integers from `minimum` to `maximum`. */
export function integer(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = toNumber(text);
    if (Number.isInteger(value) && value >= minimum && value <= maximum) return value;
    throw new InvalidArgumentError(`It must be an integer from ${minimum} to ${maximum}.`);
  };
}

/** Creates a parser of numbers above 0 and at most `maximum`. */
export function positive(maximum: number): (text: string) => number {
  return (text) => {
    const value = toNumber(text);
    if (value > 0 && value <= maximum) return value;
    throw new InvalidArgumentError(`It must be above 0 and at most ${maximum}.`);
  };
}

export const seed = integer(0, MAX_SEED);

/** Parses a name or a path. A leading '-' is refused: the value was forgotten, and the next option taken for it. */
export function nameOrPath(value: string): string {
  if (value === '') throw new InvalidArgumentError('It must not be empty.');
  if (value.startsWith('-')) throw new InvalidArgumentError(`It must not begin with '-' (a path may be './-…').`);
  return value;
}

/** Accepts plain decimal numbers only: Number() would also take '', ' 1' and '0x10'. */
function toNumber(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
}
