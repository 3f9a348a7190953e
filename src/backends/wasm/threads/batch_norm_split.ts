/**
 * Division of batch normalisation and bias gradients by rows. Sums have one partial sum for every 64 rows, in float64,
 * as in one thread (assembly/batch_norm.ts), and these are added in the same order.
 */
import { BATCH_NORM_FIELDS } from '../batch_norm_operands.js';
import { readStruct } from '../struct.js';
import type { Call } from './pool.js';
import { VALUE_COST } from './element_split.js';
import { ranges, type Phase, type Split, type SplitContext } from './split.js';

/** Rows of one partial sum. */
const ROWS = 64;

const one = (...calls: readonly Call[]): Phase => [calls];

/** Ranges of rows for the threads, of whole partial sums; undefined if the call is to run as a whole. */
function rowRanges(
  { count, least }: SplitContext,
  rows: number,
  channels: number,
  arrays: number,
): readonly (readonly [from: number, length: number])[] | undefined {
  if (rows * channels * arrays * VALUE_COST < least) return undefined;
  const parts = ranges(Math.ceil(rows / ROWS), count);
  if (parts.length < 2) return undefined;
  return parts.map(([from, to]) => [ROWS * from, Math.min(ROWS * to, rows) - ROWS * from]);
}

/** Divides normalisation with the statistics of the batch. */
export const batchNormForwardSplit: Split = (context, [address]) => {
  const { x, mean, rows, channels, scratch } = readStruct(context.memory, BATCH_NORM_FIELDS, address!);
  const parts = rowRanges(context, rows, channels, 4);
  if (parts === undefined) return undefined;
  const blocks = Math.ceil(rows / ROWS);
  const step = 8 * channels;
  const lists = context.scratch(blocks * step);
  const [pivots, shifted] = [scratch + 16 * channels, scratch + 20 * channels];
  const sums = (centre: number, squared: number): Phase =>
    parts.map(([from, length]) => {
      const own = [x + 4 * from * channels, centre, length, channels, squared, step, lists + (from / ROWS) * step];
      return [{ kernel: 'batchNormSums', values: own }];
    });
  const add: Call = { kernel: 'addSums', values: [lists, blocks, channels, scratch] };
  return [
    one({ kernel: 'batchNormPivots', values: [address!] }),
    sums(pivots, 0),
    one(add, { kernel: 'batchNormMean', values: [address!] }),
    sums(mean, 1),
    one(add, { kernel: 'batchNormVariance', values: [address!] }),
    parts.map((range) => [{ kernel: 'batchNormRows', values: [address!, shifted, ...range] }]),
  ];
};

/** Divides the last step of a normalisation, which another one has prepared. */
export const batchNormRowsSplit: Split = (context, values) => {
  const [address, shift, , rows] = values as Numbers<4>;
  const { channels } = readStruct(context.memory, BATCH_NORM_FIELDS, address);
  const parts = rowRanges(context, rows, channels, 2);
  return parts && [parts.map((range) => [{ kernel: 'batchNormRows', values: [address, shift, ...range] }])];
};

/** Divides either gradient; `counted` tells whether the statistics are those of the batch. */
export function batchNormBackwardSplit(counted: boolean): Split {
  return (context, [address]) => {
    const { rows, channels, scratch } = readStruct(context.memory, BATCH_NORM_FIELDS, address!);
    const parts = rowRanges(context, rows, channels, 7);
    if (parts === undefined) return undefined;
    const blocks = Math.ceil(rows / ROWS);
    const step = 16 * channels;
    const lists = context.scratch(blocks * step);
    return [
      parts.map(([from, length]) => {
        const own = [address!, from, length, step, lists + (from / ROWS) * step];
        return [{ kernel: 'batchNormGradientSums', values: own }];
      }),
      one(
        { kernel: 'addSums', values: [lists, blocks, 2 * channels, scratch] },
        { kernel: 'batchNormGradients', values: [address!, counted ? rows : 0] },
      ),
      parts.map((range) => [{ kernel: 'batchNormGradientRows', values: [address!, ...range] }]),
    ];
  };
}

/** Divides normalisation with given statistics. */
export const batchNormInferenceForwardSplit: Split = (context, [address]) => {
  const { beta, rows, channels } = readStruct(context.memory, BATCH_NORM_FIELDS, address!);
  const parts = rowRanges(context, rows, channels, 2);
  if (parts === undefined) return undefined;
  return [
    one({ kernel: 'batchNormScales', values: [address!] }),
    parts.map((range) => [{ kernel: 'batchNormRows', values: [address!, beta, ...range] }]),
  ];
};

/** Divides the addition of a bias. */
export const biasForwardSplit: Split = (context, values) => {
  const [x, bias, rows, channels, y] = values as Numbers<5>;
  const parts = rowRanges(context, rows, channels, 2);
  if (parts === undefined) return undefined;
  return [
    parts.map(([from, length]) => {
      const at = 4 * from * channels;
      return [{ kernel: 'biasForward', values: [x + at, bias, length, channels, y + at] }];
    }),
  ];
};

/** Divides the gradient of a bias. */
export const biasBackwardSplit: Split = (context, values) => {
  const [dy, rows, channels, dbias, scratch] = values as Numbers<5>;
  const parts = rowRanges(context, rows, channels, 1);
  if (parts === undefined) return undefined;
  const blocks = Math.ceil(rows / ROWS);
  const step = 8 * channels;
  const lists = context.scratch(blocks * step);
  return [
    parts.map(([from, length]) => {
      const own = [dy + 4 * from * channels, 0, length, channels, 0, step, lists + (from / ROWS) * step];
      return [{ kernel: 'batchNormSums', values: own }];
    }),
    one(
      { kernel: 'addSums', values: [lists, blocks, channels, scratch] },
      { kernel: 'biasGradient', values: [channels, dbias, scratch] },
    ),
  ];
};

/** List of `N` numbers. */
type Numbers<N extends number, List extends readonly number[] = []> = List['length'] extends N
  ? List
  : Numbers<N, [...List, number]>;
