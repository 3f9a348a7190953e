/**
 * Sums over samples of which some lie outside the image. Such a sample must not contribute, not even with a NaN or
 * infinite factor, which a matrix product multiplies by the 0 in its column. If that has produced a NaN, the sums are
 * recomputed sample by sample; otherwise the only cost is a check of the result.
 */
import { columnStride, Tile } from './columns';
import { clearFloats, hasNaN } from './floats';
import { groupInOf, groupOutOf, tapsOf } from './geometry';
import { Operands } from './operands';
import { planPosition, Sample } from './samples';

/** Recomputes the rows of y that are NaN and that the flags of the tile mark. The columns are those of the product. */
export function repairRows(o: Operands, tile: Tile): void {
  const g = o.geometry;
  const outPixel = (<usize>g.outChannels) << 2;
  const rowBytes = (<usize>columnStride(g)) << 2;
  let y = o.y + <usize>tile.first * outPixel;
  let column = tile.columns;
  for (let row = 0; row < tile.count; row++, y += outPixel, column += rowBytes) {
    if (!load<u8>(tile.flags + row) || !hasNaN(y, g.outChannels)) continue;
    clearFloats(y, g.outChannels);
    addPosition(o, tile, tile.first + row, column, o.filter, y, 0);
  }
}

/**
 * Adds columnsᵀ · dy of a tile to the rows of dfilter that it needs and that `marks`, one byte per row, marks.
 */
export function addFilterGradient(o: Operands, tile: Tile, marks: usize): void {
  const g = o.geometry;
  const outPixel = (<usize>g.outChannels) << 2;
  const rowBytes = (<usize>columnStride(g)) << 2;
  let column = tile.columns;
  for (let row = 0; row < tile.count; row++, column += rowBytes) {
    const position = tile.first + row;
    addPosition(o, tile, position, column, o.dfilter, o.dy + <usize>position * outPixel, marks);
  }
}

/**
 * For one position, over the samples inside the image and the rows of the filter that the tile needs: row += column ·
 * filter, or with `marks` filter += columnᵀ · row in the marked rows.
 */
function addPosition(
  o: Operands,
  tile: Tile,
  position: i32,
  column: usize,
  filter: usize,
  row: usize,
  marks: usize,
): void {
  const g = o.geometry;
  const plan = tile.plan;
  const block = tile.block;
  const top = tile.top;
  const bottom = tile.bottom;
  const taps = tapsOf(g);
  const groupIn = groupInOf(g);
  const outer = groupOutOf(g);
  const offsetIn = g.inChannels / g.offsetGroups;
  const line = position / g.outWidth;
  const n = line / g.outHeight;
  planPosition(g, o.offset, 0, n, line - n * g.outHeight, position - line * g.outWidth, plan);
  for (let c = 0; c < g.inChannels; c++) {
    const group = c / groupIn;
    for (let tap = 0; tap < taps; tap++) {
      const sample = (c / offsetIn) * taps + tap;
      if (!changetype<Sample>(plan + <usize>sample * offsetof<Sample>()).inside) continue;
      const k = tap * groupIn + c - group * groupIn;
      if (k < top || k >= bottom || (marks && !load<u8>(marks + k))) continue;
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
