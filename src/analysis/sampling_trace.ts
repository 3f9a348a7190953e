/** Traces samples from a deformable layer to the image, through preceding deformable layers, without rounding. */
import { centerOf } from './field_trace.js';
import type { DeformableUse } from './sampling_chain.js';

/** One sample: location and weight. */
export interface Sample {
  readonly y: number;
  readonly x: number;
  readonly weight: number;
}

/** Tap locations of one deformable layer, for all images. */
export interface TapValues {
  /** [images, height, width, taps]. */
  readonly shape: readonly [number, number, number, number];
  /** (y, x) of every tap, in pixels of the layer's input. */
  readonly locations: Float32Array;
  /** One weight per tap; absent if all are 1. */
  readonly weights: Float32Array | undefined;
}

/** A deformable layer on the path of the samples, starting at the layer that was asked for. */
export interface Level {
  readonly use: DeformableUse;
  readonly taps: TapValues;
}

/** Image locations that one output position of the first level reads, in the order of its taps. */
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
      // A sample at the border partly reads zeros; only the part inside is weighted and traced further.
      const inside = weight * insideFraction(y, height) * insideFraction(x, width);
      return tapsBetween(taps, image, centerOf(field, 0, y), centerOf(field, 1, x)).map((tap) => ({
        ...tap,
        weight: inside * tap.weight,
      }));
    });
    last = use;
  }
  return samples.map(({ y, x, weight }) => ({ y: centerOf(last.input, 0, y), x: centerOf(last.input, 1, x), weight }));
}

/** Fraction of a bilinear sample at v that falls on positions 0 to size − 1. */
function insideFraction(v: number, size: number): number {
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

/** Taps at a fractional position, interpolated between those of the neighbouring positions. */
function tapsBetween(taps: TapValues, image: number, y: number, x: number): Sample[] {
  const [, height, width] = taps.shape;
  const [row, column] = [clamp(y, height - 1), clamp(x, width - 1)];
  const [top, left] = [Math.floor(row), Math.floor(column)];
  const [bottom, right] = [Math.min(top + 1, height - 1), Math.min(left + 1, width - 1)];
  const [down, across] = [row - top, column - left];
  const blend = (a: readonly Sample[], b: readonly Sample[], part: number): Sample[] =>
    a.map((tap, index) => interpolate(tap, b[index]!, part));
  return blend(
    blend(tapsAt(taps, image, top, left), tapsAt(taps, image, top, right), across),
    blend(tapsAt(taps, image, bottom, left), tapsAt(taps, image, bottom, right), across),
    down,
  );
}

function interpolate(a: Sample, b: Sample, part: number): Sample {
  const between = (from: number, to: number): number => from + (to - from) * part;
  return { y: between(a.y, b.y), x: between(a.x, b.x), weight: between(a.weight, b.weight) };
}

function clamp(value: number, last: number): number {
  return Math.min(Math.max(value, 0), last);
}
