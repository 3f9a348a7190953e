/** Parsers of option values, from command-line text to checked values. */
import { InvalidArgumentError } from 'commander';
import { LONGEST_AXIS } from '../kernel/geometry.js';
import { MAX_SEED } from '../kernel/philox.js';

const MAX_LAYERS = 100_000;

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

/** Parses a number of at least 0 and below 1. */
export function fraction(text: string): number {
  const value = toNumber(text);
  if (value >= 0 && value < 1) return value;
  throw new InvalidArgumentError('It must be at least 0 and below 1.');
}

/** Parses a number from 0 to 1. */
export function probability(text: string): number {
  const value = toNumber(text);
  if (value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('It must be from 0 to 1.');
}

export const seed = integer(0, MAX_SEED);

/** Parses a name or a path. A leading '-' is refused: the value was forgotten, and the next option taken for it. */
export function nameOrPath(value: string): string {
  if (value === '') throw new InvalidArgumentError('It must not be empty.');
  if (value.startsWith('-')) throw new InvalidArgumentError(`It must not begin with '-' (a path may be './-…').`);
  return value;
}

/** Parses `all`, `none`, a number of layers, or the name of a layer. */
export function layers(text: string): number | string {
  return /^\d/.test(text) ? integer(1, MAX_LAYERS)(text) : nameOrPath(text);
}

/** Parses the sizes of an axis each, separated by commas; `any` is null. */
export function shape(text: string): (number | null)[] {
  const parse = integer(1, LONGEST_AXIS);
  return text.split(',').map((size) => (size === 'any' ? null : parse(size)));
}

/** Parses names separated by commas. */
export function names(text: string): string[] {
  const list = text.split(',').map((name) => name.trim());
  if (list.every((name) => name !== '')) return list;
  throw new InvalidArgumentError('It must be names separated by commas.');
}

/** Parses two numbers separated by a comma. */
export function twoNumbers(text: string): [number, number] {
  const numbers = text.split(',').map(toNumber);
  if (numbers.length === 2 && numbers.every((value) => Number.isFinite(Math.fround(value)))) {
    return numbers as [number, number];
  }
  throw new InvalidArgumentError('It must be two numbers separated by a comma.');
}

/** Parses numbers separated by commas. */
export function numberList(text: string): number[] {
  const numbers = text.split(',').map(toNumber);
  if (numbers.every((value) => Number.isFinite(Math.fround(value)))) return numbers;
  throw new InvalidArgumentError('It must be numbers separated by commas.');
}

/** Parses a colour as red, green and blue from 0 to 255. */
export function colour(text: string): [number, number, number] {
  const named = { white: '#ffffff', black: '#000000' }[text] ?? text;
  const digits = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(named)?.slice(1);
  if (digits) return digits.map((pair) => parseInt(pair, 16)) as [number, number, number];
  throw new InvalidArgumentError("It must be white, black or '#rrggbb'.");
}

/** Parses `key=text`, and adds it to those before. */
export function keyedText(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [key, value] = [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)];
  if (!text.includes('=') || key === '') throw new InvalidArgumentError('It must be key=text.');
  return Object.fromEntries([...Object.entries(before), [key, value]]);
}

/** Accepts plain decimal numbers only: Number() would also take '', ' 1' and '0x10'. */
function toNumber(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
}
