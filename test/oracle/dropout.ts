/** dropout, from the formula: element i of the mask is word i mod 4 of the counter ⌊i / 4⌋. */
import { philox, type PhiloxKey } from '../../src/kernel/philox.js';
import { array64, unravel, type Array64 } from './array64.js';

/** Options with everything given. */
export interface DropoutOracleOptions {
  readonly rate: number;
  readonly key: PhiloxKey;
  readonly noiseShape: readonly number[];
}

/** True if element i of the mask is kept. */
export function isKept(i: number, { rate, key }: Pick<DropoutOracleOptions, 'rate' | 'key'>): boolean {
  return philox([Math.floor(i / 4), 0, 0, 0], key)[i % 4]! >= rate * 2 ** 32;
}

export function dropout(x: Array64, options: DropoutOracleOptions): Array64 {
  const { rate, noiseShape } = options;
  return array64(x.shape, (index) => {
    const place = unravel(x.shape, index).map((at, axis) => (noiseShape[axis] === 1 ? 0 : at));
    const i = place.reduce((sum, at, axis) => sum * noiseShape[axis]! + at, 0);
    return isKept(i, options) ? x.data[index]! / (1 - rate) : 0;
  });
}
