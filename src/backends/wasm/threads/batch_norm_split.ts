/**
 * Division of batch normalisation and bias gradients by rows. Sums have one partial sum for every 64 rows, in float64,
 * as in one thread (assembly/batch_norm.ts), and these are added in the same order.
 */
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
export const batchNormForwardSplit: Split = (context, values) => {
  const [x, gamma, beta, rows, channels, epsilon, floor, ceiling, y, mean, variance, scratch] = values as Numbers<12>;
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
    one({ kernel: 'batchNormPivots', values: [x, rows, channels, scratch] }),
    sums(pivots, 0),
    one(add, { kernel: 'batchNormMean', values: [rows, channels, mean, scratch] }),
    sums(mean, 1),
    one(add, { kernel: 'batchNormVariance', values: [gamma, beta, rows, channels, epsilon, variance, scratch] }),
    parts.map(([from, length]) => {
      const at = 4 * from * channels;
      const own = [x + at, mean, shifted, length, channels, floor, ceiling, y + at, scratch];
      return [{ kernel: 'batchNormRows', values: own }];
    }),
  ];
};

/** Divides either gradient; `counted` tells whether the statistics are those of the batch. */
export function batchNormBackwardSplit(counted: boolean): Split {
  return (context, values) => {
    const [x, gamma, mean, variance, y, dy, rows, channels, epsilon, floor, ceiling, dx, dgamma, dbeta, scratch] =
      values as Numbers<15>;
    const parts = rowRanges(context, rows, channels, 7);
    if (parts === undefined) return undefined;
    const blocks = Math.ceil(rows / ROWS);
    const step = 16 * channels;
    const lists = context.scratch(blocks * step);
    const count = counted ? rows : 0;
    return [
      parts.map(([from, length]) => {
        const at = 4 * from * channels;
        const to = lists + (from / ROWS) * step;
        const own = [x + at, mean, y + at, dy + at, length, channels, floor, ceiling, step, to];
        return [{ kernel: 'batchNormGradientSums', values: own }];
      }),
      one(
        { kernel: 'addSums', values: [lists, blocks, 2 * channels, scratch] },
        {
          kernel: 'batchNormGradients',
          values: [gamma, variance, channels, epsilon, count, dgamma, dbeta, scratch],
        },
      ),
      parts.map(([from, length]) => {
        const at = 4 * from * channels;
        const own = [x + at, mean, y + at, dy + at, length, channels, floor, ceiling, dx + at, scratch];
        return [{ kernel: 'batchNormGradientRows', values: own }];
      }),
    ];
  };
}

/** Divides normalisation with given statistics. */
export const batchNormInferenceForwardSplit: Split = (context, values) => {
  const [x, gamma, beta, mean, variance, rows, channels, epsilon, floor, ceiling, y] = values as Numbers<12>;
  const parts = rowRanges(context, rows, channels, 2);
  if (parts === undefined) return undefined;
  return [
    parts.map(([from, length]) => {
      const at = 4 * from * channels;
      const scratch = context.scratch(4 * channels);
      const own = [x + at, gamma, beta, mean, variance, length, channels, epsilon, floor, ceiling, y + at, scratch];
      return [{ kernel: 'batchNormInferenceForward', values: own }];
    }),
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
