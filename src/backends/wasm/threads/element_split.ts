/** Division of elementwise kernels, which are limited by memory. */
import type { KernelExports } from '../exports.js';
import type { Task } from './pool.js';
import { ranges, type Phase, type Split, type SplitContext } from './split.js';

/** Cost of reading or writing one value, relative to a multiplication in a matrix product. */
export const VALUE_COST = 4;

/** Values per unit of division: a cache line. */
const LINE = 16;

/** Divides a kernel over arrays of equal length, whose addresses come first, followed by their length. */
export function elementSplit(kernel: keyof KernelExports, arrays: number): Split {
  return (context, values) =>
    divide(context, values[arrays]!, arrays, (start, length) => {
      const own = values.map((value, index) => (index < arrays ? value + 4 * start : value));
      own[arrays] = length;
      return [{ kernel, values: own }];
    });
}

/** Divides a kernel of a structure, which holds the addresses of the arrays; the first element and the number follow. */
export function structSplit(kernel: keyof KernelExports, arrays: number): Split {
  return (context, [address, , elements]) =>
    divide(context, elements!, arrays, (start, length) => [{ kernel, values: [address!, start, length] }]);
}

/** Phase of one task per thread, for whole cache lines; undefined if the call is to run as a whole. */
function divide(
  { count, least }: SplitContext,
  length: number,
  arrays: number,
  taskOf: (start: number, length: number) => Task,
): readonly Phase[] | undefined {
  if (length * arrays * VALUE_COST < least) return undefined;
  const parts = ranges(Math.ceil(length / LINE), count);
  if (parts.length < 2) return undefined;
  return [parts.map(([from, to]) => taskOf(LINE * from, Math.min(LINE * to, length) - LINE * from))];
}
