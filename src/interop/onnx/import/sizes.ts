/**
 * Sizes of axes and the arithmetic that exporters write into graphs. A size that is not known before the model runs is a
 * product of symbols; equal computations give equal symbols, so that sizes can be compared.
 */

import { NotImportable } from './import_error.js';

/** A factor times unknown sizes, by their sorted names. */
export interface UnknownSize {
  readonly factor: number;
  readonly symbols: readonly string[];
}

/** Size of an axis, or any integer computed from sizes. */
export type Size = number | UnknownSize;

/** Most symbols of a product; a longer one becomes a symbol of its own. */
const MOST_SYMBOLS = 16;

/** True if two sizes are equal in every run. */
export function sameSize(a: Size, b: Size): boolean {
  return textOf(a) === textOf(b);
}

/** Returns a known size, and null for an unknown one, as shapes of TensorFlow.js have it. */
export function orNull(size: Size): number | null {
  return typeof size === 'number' ? size : null;
}

/** Returns a size that must be known. */
export function known(size: Size): number {
  if (typeof size !== 'number') throw new NotImportable('its sizes must be known: they depend on those of the input');
  return size;
}

/** Computes with sizes; remembers the symbol of each computation. */
export class Sizes {
  private readonly symbols = new Map<string, string>();

  /** Size that is named in the file, or that has no name. */
  symbol(key: string): UnknownSize {
    const name = this.symbols.get(key) ?? `s${this.symbols.size}`;
    this.symbols.set(key, name);
    return { factor: 1, symbols: [name] };
  }

  times(a: Size, b: Size): Size {
    if (typeof a === 'number' && typeof b === 'number') return a * b;
    const factor = factorOf(a) * factorOf(b);
    if (factor === 0) return 0;
    const symbols = [...symbolsOf(a), ...symbolsOf(b)].sort();
    return symbols.length > MOST_SYMBOLS ? this.symbol(`${textOf(a)} * ${textOf(b)}`) : { factor, symbols };
  }

  product(sizes: readonly Size[]): Size {
    return sizes.reduce((product, size) => this.times(product, size), 1);
  }

  /** a / b; undefined unless it is an integer in every run. */
  over(a: Size, b: Size): Size | undefined {
    const factor = factorOf(a) / factorOf(b);
    if (!Number.isInteger(factor)) return undefined;
    const left = [...symbolsOf(a)];
    for (const symbol of symbolsOf(b)) {
      const index = left.indexOf(symbol);
      if (index < 0) return undefined;
      left.splice(index, 1);
    }
    return left.length === 0 ? factor : { factor, symbols: left };
  }

  /** Quotient rounded towards zero, as integers are divided in ONNX. */
  divide(a: Size, b: Size): Size {
    if (typeof a === 'number' && typeof b === 'number') return Math.trunc(a / b);
    return this.over(a, b) ?? this.symbol(`${textOf(a)} / ${textOf(b)}`);
  }

  plus(a: Size, b: Size): Size {
    if (typeof a === 'number' && typeof b === 'number') return a + b;
    if (a === 0) return b;
    if (b === 0) return a;
    const [first, second] = [textOf(a), textOf(b)].sort();
    return this.symbol(`${first!} + ${second!}`);
  }

  minus(a: Size, b: Size): Size {
    if (b === 0) return a;
    return sameSize(a, b) ? 0 : this.plus(a, this.times(b, -1));
  }

  /** Number of positions of a window: ⌊(size + slack) / stride⌋ + 1, with slack = padding − extent. */
  positions(size: Size, slack: number, stride: number): Size {
    if (typeof size === 'number') return Math.floor((size + slack) / stride) + 1;
    if (stride === 1) return this.plus(size, slack + 1);
    return this.symbol(`positions ${textOf(size)} ${slack} ${stride}`);
  }
}

/** Text that two sizes share if and only if they are equal. */
export function textOf(size: Size): string {
  return typeof size === 'number' ? String(size) : [size.factor, ...size.symbols].join('·');
}

function factorOf(size: Size): number {
  return typeof size === 'number' ? size : size.factor;
}

function symbolsOf(size: Size): readonly string[] {
  return typeof size === 'number' ? [] : size.symbols;
}
