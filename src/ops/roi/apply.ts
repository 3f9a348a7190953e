/** Executes plans in plain TypeScript: outer loop over pixels, inner loop over channels. */
import type { RoiGeometry } from './geometry.js';
import { BIN_FIELDS, type RoiPlan } from './plan.js';

/**
 * Calls `visit` for every pixel of every bin, bins in order and pixels in row-major order, with the bin, the flat index
 * of the first channel to read, and the plan's entries for the row and the column.
 */
function visitPixels(
  { starts, positions, bins }: RoiPlan,
  { inWidth, inChannels }: RoiGeometry,
  visit: (bin: number, from: number, row: number, column: number) => void,
): void {
  for (let bin = 0, field = 0; field < bins.length; bin++, field += BIN_FIELDS) {
    const [rows, columns] = [bins[field]!, bins[field + 1]!];
    const [image, channel] = [bins[field + 2]!, bins[field + 3]!];
    for (let row = starts[rows]!; row < starts[rows + 1]!; row++) {
      const line = image + positions[row]! * inWidth;
      for (let column = starts[columns]!; column < starts[columns + 1]!; column++) {
        visit(bin, (line + positions[column]!) * inChannels + channel, row, column);
      }
    }
  }
}

function valuesOf({ bins, channels }: RoiPlan): number {
  return (bins.length / BIN_FIELDS) * channels;
}

/** Computes y = Σ weight · x for every bin. */
export function weightedSum(plan: RoiPlan, g: RoiGeometry, x: Float32Array): Float32Array {
  const { weights, channels, channelStride } = plan;
  const y = new Float32Array(valuesOf(plan));
  visitPixels(plan, g, (bin, from, row, column) => {
    const weight = weights[row]! * weights[column]!;
    for (let to = bin * channels; to < (bin + 1) * channels; to++, from += channelStride) y[to]! += weight * x[from]!;
  });
  return y;
}

/** Adds weight · dy to dx: the transpose of {@link weightedSum}. */
export function spread(plan: RoiPlan, g: RoiGeometry, dy: Float32Array, dx: Float32Array): void {
  const { weights, channels, channelStride } = plan;
  visitPixels(plan, g, (bin, to, row, column) => {
    const weight = weights[row]! * weights[column]!;
    for (let from = bin * channels; from < (bin + 1) * channels; from++, to += channelStride) {
      dx[to]! += weight * dy[from]!;
    }
  });
}

/** Adds the gradient of {@link weightedSum} with respect to the offsets, (y, x) for every element. */
export function offsetGradient(
  plan: RoiPlan,
  g: RoiGeometry,
  x: Float32Array,
  dy: Float32Array,
  doffset: Float32Array,
): void {
  const { weights, slopes, bins, channels, channelStride } = plan;
  visitPixels(plan, g, (bin, at, row, column) => {
    let product = 0;
    for (let from = bin * channels; from < (bin + 1) * channels; from++, at += channelStride) {
      product += dy[from]! * x[at]!;
    }
    const element = bins[bin * BIN_FIELDS + 4]!;
    doffset[element]! += slopes[row]! * weights[column]! * product;
    doffset[element + 1]! += weights[row]! * slopes[column]! * product;
  });
}

/**
 * Maximum of every bin and its index in x (−1 if there is none). NaN is skipped; of equal values the first is taken.
 */
function findMaxima(plan: RoiPlan, g: RoiGeometry, x: Float32Array): { y: Float32Array; maxima: Int32Array } {
  const { channels } = plan;
  const y = new Float32Array(valuesOf(plan));
  const maxima = new Int32Array(y.length).fill(-1);
  let current = -1;
  visitPixels(plan, g, (bin, from) => {
    // A bin without pixels is never visited, and stays 0.
    if (bin !== current) y.fill(-Infinity, bin * channels, (bin + 1) * channels);
    current = bin;
    for (let to = bin * channels; to < (bin + 1) * channels; to++, from++) {
      if (!(x[from]! > y[to]!)) continue;
      y[to] = x[from]!;
      maxima[to] = from;
    }
  });
  return { y, maxima };
}

/** Computes y = max x for every bin, 0 for a bin without pixels. */
export function maximum(plan: RoiPlan, g: RoiGeometry, x: Float32Array): Float32Array {
  return findMaxima(plan, g, x).y;
}

/** Adds dy to dx at the positions of the maxima. */
export function spreadToMaxima(
  plan: RoiPlan,
  g: RoiGeometry,
  x: Float32Array,
  dy: Float32Array,
  dx: Float32Array,
): void {
  findMaxima(plan, g, x).maxima.forEach((from, index) => {
    if (from >= 0) dx[from]! += dy[index]!;
  });
}
