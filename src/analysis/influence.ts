/** Influence maps and their summary statistics. */
import type { Axes } from './field_trace.js';

/** First and last row and column of part of an image. */
export interface PixelBox {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** Influence of the pixels of an image. */
export interface Influence {
  /** Fraction of the total influence at every pixel, [height][width]; they sum to 1. */
  readonly map: readonly (readonly number[])[];
  /** Total influence, of which `map` holds fractions. */
  readonly influence: number;
  /** Centre of mass, in pixels. */
  readonly center: { readonly y: number; readonly x: number };
  /** Standard deviation along each axis, [y, x] in pixels. */
  readonly sigma: Axes;
  /** Rows and columns between the 2.5 % and 97.5 % quantiles of each axis: 95 % of the influence along it. */
  readonly extent: PixelBox;
  /** Number of pixels whose influence exceeds 4.55 % of the largest, as defined by Luo et al. */
  readonly area: number;
}

const TAIL = 0.025;
/** 1 − 95.45 %: beyond two standard deviations of a Gaussian. */
const FAINT = 0.0455;

/** Describes influences [height · width]; undefined if all are zero. */
export function describeInfluence(values: Float32Array, [height, width]: Axes): Influence | undefined {
  const influence = values.reduce((sum, value) => sum + value, 0);
  if (!(influence > 0)) return undefined;
  const map = Array.from({ length: height }, (_, row) =>
    Array.from(values.subarray(row * width, (row + 1) * width), (value) => value / influence),
  );
  const rows = map.map((row) => row.reduce((sum, value) => sum + value, 0));
  const columns = Array.from({ length: width }, (_, column) => map.reduce((sum, row) => sum + row[column]!, 0));
  const [y, x] = [momentsOf(rows), momentsOf(columns)];
  const [[top, bottom], [left, right]] = [quantilesOf(rows), quantilesOf(columns)];
  const largest = values.reduce((most, value) => Math.max(most, value), 0);
  return {
    map,
    influence,
    center: { y: y.mean, x: x.mean },
    sigma: [y.sigma, x.sigma],
    extent: { top, left, bottom, right },
    area: values.reduce((count, value) => count + (value > FAINT * largest ? 1 : 0), 0),
  };
}

/** Mean position and standard deviation of a distribution. */
function momentsOf(fractions: readonly number[]): { readonly mean: number; readonly sigma: number } {
  const mean = fractions.reduce((sum, fraction, position) => sum + fraction * position, 0);
  const variance = fractions.reduce((sum, fraction, position) => sum + fraction * (position - mean) ** 2, 0);
  return { mean, sigma: Math.sqrt(variance) };
}

/** First and last position after a tail is cut off on either side. */
function quantilesOf(fractions: readonly number[]): readonly [number, number] {
  const reach = (list: readonly number[]): number => {
    let sum = 0;
    return list.findIndex((fraction) => (sum += fraction) > TAIL);
  };
  return [reach(fractions), fractions.length - 1 - reach([...fractions].reverse())];
}
