/**
 * Exact receptive fields along one axis. Each position has its own interval of pixels; the intervals repeat with a
 * period, shifted by a whole number of pixels. Without upsampling layers the period is one position.
 */
import { greatestCommonDivisor, leastCommonMultiple, readsAt, type AxisReads } from '../layers/axis_reads.js';

/** First and last pixel; null for a position that reads none, as between the taps of a transposed convolution. */
export type Interval = readonly [number, number] | null;

/** Position i has the field `intervals[i mod period]`, shifted by `shift` pixels for every full period before i. */
export interface AxisField {
  readonly shift: number;
  /** Fields of the positions 0 to period − 1; pixels below 0 lie in the padding. */
  readonly intervals: readonly Interval[];
}

/** Field of an image's own pixels. */
export const IDENTITY_AXIS: AxisField = { shift: 1, intervals: [[0, 0]] };

/** Receptive field of a position, which may lie outside the axis. */
export function intervalAt({ shift, intervals }: AxisField, position: number): Interval {
  const period = Math.floor(position / intervals.length);
  const interval = intervals[position - period * intervals.length] ?? null;
  return interval && [interval[0] + period * shift, interval[1] + period * shift];
}

/** Field of the `size` outputs of a layer with the given reads. */
export function axisThrough(field: AxisField, reads: AxisReads, size: number): AxisField {
  const [inner, outer] = [field.intervals.length, reads.reads.length];
  const period = outer * (inner / greatestCommonDivisor(inner, reads.shift));
  const rate = (field.shift * reads.shift) / (inner * outer);
  return tabulate(period, rate, size, (position) =>
    readsAt(reads, position)
      .map((input) => intervalAt(field, input))
      .reduce(hull, null),
  );
}

/**
 * Union of the fields of two branches. If their strides differ they share no period, and each of the `size` positions
 * is a phase of its own.
 */
export function uniteAxes(a: AxisField, b: AxisField, size: number): AxisField {
  const [rateA, rateB] = [a, b].map(({ shift, intervals }) => shift / intervals.length) as [number, number];
  const drift = a.shift * b.intervals.length !== b.shift * a.intervals.length;
  const period = drift ? Infinity : leastCommonMultiple(a.intervals.length, b.intervals.length);
  return tabulate(period, Math.max(rateA, rateB), size, (position) =>
    hull(intervalAt(a, position), intervalAt(b, position)),
  );
}

/**
 * Centre of a position's field, in pixels; interpolated between positions, and across positions with an empty field.
 */
export function middleAt(field: AxisField, position: number): number {
  const before = middleFrom(field, Math.floor(position), -1);
  const after = middleFrom(field, Math.ceil(position), 1);
  if (before === undefined || after === undefined) return NaN;
  const distance = after.position - before.position;
  const fraction = distance === 0 ? 0 : (position - before.position) / distance;
  return before.middle + fraction * (after.middle - before.middle);
}

/** Nearest position with a nonempty field, from a start in a direction. */
function middleFrom(
  field: AxisField,
  start: number,
  step: 1 | -1,
): { readonly position: number; readonly middle: number } | undefined {
  for (let offset = 0; offset < field.intervals.length; offset++) {
    const position = start + step * offset;
    const interval = intervalAt(field, position);
    if (interval !== null) return { position, middle: (interval[0] + interval[1]) / 2 };
  }
  return undefined;
}

/** Field with its shortest period; a period longer than the axis is cut off there. */
function tabulate(period: number, rate: number, size: number, of: (position: number) => Interval): AxisField {
  const length = Math.max(Math.min(period, size), 1);
  const intervals = Array.from({ length }, (_, position) => of(position));
  const shift = Math.round(rate * length);
  for (let shorter = 1; shorter < length; shorter++) {
    const shorterShift = (shift * shorter) / length;
    if (length % shorter !== 0 || !Number.isInteger(shorterShift)) continue;
    const field = { shift: shorterShift, intervals: intervals.slice(0, shorter) };
    if (intervals.every((interval, position) => isSame(interval, intervalAt(field, position)))) return field;
  }
  return { shift, intervals };
}

function hull(a: Interval, b: Interval): Interval {
  if (a === null || b === null) return a ?? b;
  return [Math.min(a[0], b[0]), Math.max(a[1], b[1])];
}

function isSame(a: Interval, b: Interval): boolean {
  return a === null || b === null ? a === b : a[0] === b[0] && a[1] === b[1];
}
