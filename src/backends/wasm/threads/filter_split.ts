/** Division of filter gradients: each thread computes some of the weights, over all positions. */
import type { KernelExports } from '../exports.js';
import { readGeometry } from '../geometry.js';
import { multiplications } from './convolution_split.js';
import type { Split } from './split.js';

/** Kernel to divide; its last arguments are the part and the number of parts. */
export interface FilterSplit {
  readonly kernel: keyof KernelExports;
  /** Position of the scratch memory among the arguments, and function that returns its size. */
  readonly scratch?: {
    readonly index: number;
    readonly measure: 'convolutionFilterScratch' | 'deformDepthwiseScratch';
  };
  /** Cost of one multiplication, relative to that in a matrix product. */
  readonly cost: number;
}

/** Divides a filter gradient. */
export function filterSplit({ kernel, scratch, cost }: FilterSplit): Split {
  return (context, values) => {
    const { memory, exports, count } = context;
    if (multiplications(readGeometry(memory, values[0]!)) * cost < context.least) return undefined;
    return [
      Array.from({ length: count }, (_, part) => {
        const own = [...values.slice(0, -2), part, count];
        if (scratch !== undefined && part > 0) {
          own[scratch.index] = context.scratch(exports[scratch.measure](values[0]!));
        }
        return [{ kernel, values: own }];
      }),
    ];
  };
}
