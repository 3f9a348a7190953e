/** A map of influences and the few numbers that tell of it. */
import type { Axes } from './field_trace.js';

/** Rows and columns of an image, first and last. */
export interface PixelBox {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** What the pixels of an image count. */
export interface Influence {
  /** Share of every pixel in the whole influence, [height][width]; all together are 1. */
  readonly map: readonly (readonly number[])[];
  /** The whole influence: what the shares are of. */
  readonly influence: number;
  /** Centre of mass, in pixels. */
  readonly center: { readonly y: number; readonly x: number };
  /** Standard deviation along each axis, [y, x] in pixels. */
  readonly sigma: Axes;
  /** Rows and columns between the 2.5 % and the 97.5 % quantile of each axis: 95 % of the influence along it. */
  readonly extent: PixelBox;
  /** Number of pixels whose influence is above 4.55 % of the largest, as Luo et al. count. */
  readonly area: number;
}

const TAIL = 0.025;
/** 1 − 95.45 %: beyond two standard deviations of a Gaussian. */
const FAINT = 0.0455;

/** Describes influences [height · width]; undefined where there is none. */
export function describeInfluence(values: Float32Array, [height, width]: Axes): Influence | undefined {
  const influence = values.reduce((sum, value) => sum + value, 0);
  if (!(influence > 0)) return undefined;
  const map = Array.from({ length: height }, (_, row) =>
    Array.from(values.subarray(row * width, (row + 1) * width), (value) => value / influence),
  );
  const rows = map.map((row) => row.reduce((sum, value) => sum + value, 0));
  const columns = Array.from({ length: width }, (_, column) => map.reduce((sum, row) => sum + row[column]!, 0));
  const [y, x] = [momentsOf(rows), momentsOf(columns)];
  const [[top, bottom], [left, right]] = [middleOf(rows), middleOf(columns)];
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

/** Mean place and standard deviation of shares. */
function momentsOf(shares: readonly number[]): { readonly mean: number; readonly sigma: number } {
  const mean = shares.reduce((sum, share, place) => sum + share * place, 0);
  const variance = shares.reduce((sum, share, place) => sum + share * (place - mean) ** 2, 0);
  return { mean, sigma: Math.sqrt(variance) };
}

/** First and last place of what remains when a tail is cut off on either side. */
function middleOf(shares: readonly number[]): readonly [number, number] {
  const reach = (list: readonly number[]): number => {
    let sum = 0;
    return list.findIndex((share) => (sum += share) > TAIL);
  };
  return [reach(shares), shares.length - 1 - reach([...shares].reverse())];
}
