/**
 * Sums over samples of which some lie outside the image. Such a sample must not contribute, not even with a NaN or
 * infinite factor, which a matrix product multiplies by the 0 in its column. If that has produced a NaN, the sums are
 * recomputed sample by sample; otherwise the only cost is a check of the result.
 */
import { columnStride } from './columns';
import { clearFloats, hasNaN } from './floats';
import { Geometry, groupInOf, groupOutOf, tapsOf } from './geometry';
import { planPosition, Sample } from './samples';

/**
 * Recomputes the rows of y that are NaN, of `count` output positions from `first`, if `flags` mark a sample outside the
 * image. The columns are those of the product.
 */
export function repairRows(
  g: Geometry,
  offset: usize,
  filter: usize,
  first: i32,
  count: i32,
  columns: usize,
  block: i32,
  plan: usize,
  flags: usize,
  y: usize,
): void {
  const outPixel = (<usize>g.outChannels) << 2;
  const rowBytes = (<usize>columnStride(g)) << 2;
  for (let row = 0; row < count; row++, y += outPixel, columns += rowBytes) {
    if (!load<u8>(flags + row) || !hasNaN(y, g.outChannels)) continue;
    clearFloats(y, g.outChannels);
    addPosition(g, offset, first + row, columns, block, plan, filter, y, 0, 0, tapsOf(g) * groupInOf(g));
  }
}

/**
 * Adds columnsᵀ · dy of `count` output positions from `first` to the rows of dfilter from `firstRow` to `endRow` that
 * `marks`, one byte per row, marks.
 */
export function addFilterGradient(
  g: Geometry,
  offset: usize,
  dy: usize,
  first: i32,
  count: i32,
  columns: usize,
  block: i32,
  plan: usize,
  dfilter: usize,
  marks: usize,
  firstRow: i32,
  endRow: i32,
): void {
  const outPixel = (<usize>g.outChannels) << 2;
  const rowBytes = (<usize>columnStride(g)) << 2;
  for (let row = 0; row < count; row++, columns += rowBytes) {
    const position = first + row;
    const from = dy + <usize>position * outPixel;
    addPosition(g, offset, position, columns, block, plan, dfilter, from, marks, firstRow, endRow);
  }
}

/**
 * For one position, over the samples inside the image and the rows of the filter from `firstRow` to `endRow`: row +=
 * column · filter, or with `marks` filter += columnᵀ · row in the marked rows.
 */
function addPosition(
  g: Geometry,
  offset: usize,
  position: i32,
  column: usize,
  block: i32,
  plan: usize,
  filter: usize,
  row: usize,
  marks: usize,
  firstRow: i32,
  endRow: i32,
): void {
  const taps = tapsOf(g);
  const groupIn = groupInOf(g);
  const outer = groupOutOf(g);
  const offsetIn = g.inChannels / g.offsetGroups;
  const line = position / g.outWidth;
  const n = line / g.outHeight;
  planPosition(g, offset, 0, n, line - n * g.outHeight, position - line * g.outWidth, plan);
  for (let c = 0; c < g.inChannels; c++) {
    const group = c / groupIn;
    for (let tap = 0; tap < taps; tap++) {
      const sample = (c / offsetIn) * taps + tap;
      if (!changetype<Sample>(plan + <usize>sample * offsetof<Sample>()).inside) continue;
      const k = tap * groupIn + c - group * groupIn;
      if (k < firstRow || k >= endRow || (marks && !load<u8>(marks + k))) continue;
      const value = load<f32>(column + ((<usize>(group * block + k)) << 2));
      const weights = filter + ((<usize>(k * g.outChannels + group * outer)) << 2);
      const sums = row + ((<usize>(group * outer)) << 2);
      const from = marks ? sums : weights;
      const to = marks ? weights : sums;
      for (let m: usize = 0; m < (<usize>outer) << 2; m += 4) {
        store<f32>(to + m, load<f32>(to + m) + value * load<f32>(from + m));
      }
    }
  }
}
