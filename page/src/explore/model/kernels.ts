/** Weights of kernels: well-known filters, random numbers, or those that a person sets. */
import type { Place } from 'tfjs-convolutions/geometry';
import { randomIntegers } from './random.js';
import type { Settings } from './settings.js';
import type { Kernel, Stage } from './stage.js';

type Preset = Exclude<Settings['preset'], 'random'>;

/** Row `count` − 1 of Pascal's triangle: 1; 1 1; 1 2 1; … */
function binomial(count: number): number[] {
  let row = [1];
  while (row.length < count) row = [1, ...row.slice(1).map((value, index) => value + row[index]!), 1];
  return row;
}

/** −1, zeros, 1: the difference of the two ends. */
const difference = (count: number): number[] =>
  Array.from({ length: count }, (_, index) => (index === 0 ? -1 : index === count - 1 ? 1 : 0));

const middleOf = ([height, width]: Place): Place => [Math.floor((height - 1) / 2), Math.floor((width - 1) / 2)];

/** Value of a filter at a tap of a kernel of the given size; the sizes that it is known for are 3 × 3. */
const FILTERS: Readonly<Record<Preset, (size: Place) => (tap: Place) => number>> = {
  sobel: ([height, width]) => {
    const [smooth, slope] = [binomial(height), difference(width)];
    return ([row, column]) => smooth[row]! * slope[column]!;
  },
  blur: ([height, width]) => {
    const [down, right] = [binomial(height), binomial(width)];
    // Sums to 1; a power of two, so that float32 holds every weight exactly.
    return ([row, column]) => (down[row]! * right[column]!) / 2 ** (height + width - 2);
  },
  sharpen: (size) => {
    const [y, x] = middleOf(size);
    return ([row, column]) => {
      const distance = Math.abs(row - y) + Math.abs(column - x);
      return distance === 0 ? 5 : distance === 1 ? -1 : 0;
    };
  },
  ones: () => () => 1,
  identity: (size) => {
    const [y, x] = middleOf(size);
    return ([row, column]) => (row === y && column === x ? 1 : 0);
  },
};

/** Tests whether a well-known filter fits into a kernel. */
export const takesPreset = (kernel: Kernel | null): boolean => kernel !== null && Math.min(...kernel.size) >= 3;

/** A Sobel kernel for vertical edges, as a column and a row. */
const SOBEL = { column: [1, 2, 1], row: [-1, 0, 1] };

/** Weights of every stage, in the order of its kernel. */
export function weightsOf(settings: Settings, stages: readonly Stage[], seed: number): number[][] {
  const counts = stages.map(({ kernel }) => kernel?.count ?? 0);
  const { weights, preset } = settings;
  if (weights.length > 0 && weights.length === counts.reduce((sum, count) => sum + count, 0)) {
    let start = 0;
    return counts.map((count) => weights.slice(start, (start += count)));
  }
  const sobel = settings.order === 'verticalFirst' ? [SOBEL.column, SOBEL.row] : [SOBEL.row, SOBEL.column];
  return stages.map((stage, index) => {
    const count = counts[index]!;
    if (settings.kernel === 'sobel' && count === 3) return sobel[index]!;
    if (preset === 'random' || !takesPreset(stage.kernel)) return randomIntegers(seed, index + 2, count, -2, 2);
    return filtered(stage, FILTERS[preset](stage.kernel!.size));
  });
}

/** The same filter between all channels that are connected. */
function filtered({ kernel, groups }: Stage, valueAt: (tap: Place) => number): number[] {
  const { size, count, weightAt } = kernel!;
  const weights = new Array<number>(count).fill(0);
  for (let tap = 0; tap < size[0] * size[1]; tap++) {
    const at = [Math.floor(tap / size[1]), tap % size[1]] as const;
    for (const { inputs, outputs } of groups) {
      for (const input of inputs) for (const output of outputs) weights[weightAt(at, input, output)] = valueAt(at);
    }
  }
  return weights;
}

/** The weights of all stages in one list, with one replaced. */
export function withWeight(all: readonly (readonly number[])[], stage: number, index: number, value: number): number[] {
  return all.flatMap((weights, at) =>
    at === stage ? weights.map((weight, each) => (each === index ? value : weight)) : weights,
  );
}
