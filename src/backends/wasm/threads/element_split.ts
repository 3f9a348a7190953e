/** Division of elementwise kernels, which are limited by memory. */
import type { KernelExports } from '../exports.js';
import { ranges, type Split } from './split.js';

/** Cost of reading or writing one value, relative to a multiplication in a matrix product. */
export const VALUE_COST = 4;

/** Values per unit of division: a cache line. */
const LINE = 16;

/** Divides a kernel over arrays of equal length, whose addresses come first, followed by their length. */
export function elementSplit(kernel: keyof KernelExports, arrays: number): Split {
  return ({ count, least }, values) => {
    const length = values[arrays]!;
    if (length * arrays * VALUE_COST < least) return undefined;
    const parts = ranges(Math.ceil(length / LINE), count);
    if (parts.length < 2) return undefined;
    return [
      parts.map(([from, to]) => {
        const first = LINE * from;
        const own = values.map((value, index) => (index < arrays ? value + 4 * first : value));
        own[arrays] = Math.min(LINE * to, length) - first;
        return [{ kernel, values: own }];
      }),
    ];
  };
}
