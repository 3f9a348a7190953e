/** Division of filter gradients: each thread computes some of the weights, over all positions. */
import type { KernelExports } from '../exports.js';
import { readGeometry } from '../geometry.js';
import { OPERANDS } from '../operands.js';
import { readStruct } from '../struct.js';
import { callOf, multiplications } from './convolution_split.js';
import type { Split } from './split.js';

/** Kernel to divide; its arguments are the address of its operands, the part and the number of parts. */
export interface FilterSplit {
  readonly kernel: keyof KernelExports;
  /** Function that returns the size of the scratch memory, if there is any. */
  readonly measure?: 'convolutionFilterScratch' | 'deformDepthwiseScratch';
  /** Cost of one multiplication, relative to that in a matrix product. */
  readonly cost: number;
}

/** Divides a filter gradient. */
export function filterSplit({ kernel, measure, cost }: FilterSplit): Split {
  return (context, [address]) => {
    const { memory, exports, count } = context;
    const operands = readStruct(memory, OPERANDS, address!);
    if (multiplications(readGeometry(memory, operands.geometry)) * cost < context.least) return undefined;
    return [
      Array.from({ length: count }, (_, part) => {
        if (measure === undefined || part === 0) return [{ kernel, values: [address!, part, count] }];
        const scratch = context.scratch(exports[measure](operands.geometry));
        return [callOf({ kernel }, context, { ...operands, scratch }, part, count)];
      }),
    ];
  };
}
