/** The way of samples from a deformable layer to the image, through deformable layers below, without rounding. */
import { middleOf } from './field_trace.js';
import type { DeformableUse } from './sampling_chain.js';

/** One sample: where, and how much it counts. */
export interface Sample {
  readonly y: number;
  readonly x: number;
  readonly weight: number;
}

/** Where the taps of one deformable layer read, of all images. */
export interface TapValues {
  /** [images, height, width, taps]. */
  readonly shape: readonly [number, number, number, number];
  /** (y, x) of every tap, in pixels of the layer's input. */
  readonly locations: Float32Array;
  /** One for each tap; absent where all count 1. */
  readonly weights: Float32Array | undefined;
}

/** A deformable layer on the way of the samples, the one that they start at first. */
export interface Level {
  readonly use: DeformableUse;
  readonly taps: TapValues;
}

/** The places of the image that one output position of the first level reads, in the order of its taps. */
export function traceSamples(
  levels: readonly Level[],
  image: number,
  position: readonly [number, number],
): readonly Sample[] {
  const [first, ...rest] = levels as readonly [Level, ...Level[]];
  let samples: readonly Sample[] = tapsAt(first.taps, image, ...position);
  let last = first.use;
  for (const { use, taps } of rest) {
    const { field } = last.below!;
    const [height, width] = last.inputSize;
    samples = samples.flatMap(({ y, x, weight }) => {
      // A sample beside the map reads zeros there: what of it lies inside counts, and goes on.
      const inside = weight * share(y, height) * share(x, width);
      return tapsBetween(taps, image, middleOf(field, 0, y), middleOf(field, 1, x)).map((tap) => ({
        ...tap,
        weight: inside * tap.weight,
      }));
    });
    last = use;
  }
  return samples.map(({ y, x, weight }) => ({ y: middleOf(last.input, 0, y), x: middleOf(last.input, 1, x), weight }));
}

/** How much of a bilinear sample at v falls on positions 0 to size − 1. */
function share(v: number, size: number): number {
  return Math.min(Math.max(1 - Math.max(-v, v - (size - 1)), 0), 1);
}

function tapsAt({ shape, locations, weights }: TapValues, image: number, row: number, column: number): Sample[] {
  const [, height, width, count] = shape;
  const first = ((image * height + row) * width + column) * count;
  return Array.from({ length: count }, (_, tap) => ({
    y: locations[2 * (first + tap)]!,
    x: locations[2 * (first + tap) + 1]!,
    weight: weights?.[first + tap] ?? 1,
  }));
}

/** The taps at a place between positions: between theirs, as far as that place is between them. */
function tapsBetween(taps: TapValues, image: number, y: number, x: number): Sample[] {
  const [, height, width] = taps.shape;
  const [row, column] = [clamp(y, height - 1), clamp(x, width - 1)];
  const [top, left] = [Math.floor(row), Math.floor(column)];
  const [bottom, right] = [Math.min(top + 1, height - 1), Math.min(left + 1, width - 1)];
  const [down, across] = [row - top, column - left];
  const blend = (a: readonly Sample[], b: readonly Sample[], part: number): Sample[] =>
    a.map((tap, index) => mix(tap, b[index]!, part));
  return blend(
    blend(tapsAt(taps, image, top, left), tapsAt(taps, image, top, right), across),
    blend(tapsAt(taps, image, bottom, left), tapsAt(taps, image, bottom, right), across),
    down,
  );
}

function mix(a: Sample, b: Sample, part: number): Sample {
  const between = (from: number, to: number): number => from + (to - from) * part;
  return { y: between(a.y, b.y), x: between(a.x, b.x), weight: between(a.weight, b.weight) };
}

function clamp(value: number, last: number): number {
  return Math.min(Math.max(value, 0), last);
}
