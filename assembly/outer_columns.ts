/**
 * Columns for a matrix product computed outside this module, by a faster library: gathered before it, scattered after
 * it. One group only. The scratch memory holds a tile, the plan of one position and a byte for each of `count` positions.
 */
import { Tile, TILE_BYTES } from './columns';
import { Geometry, tapsOf } from './geometry';
import { gatherGrid, scatterGrid } from './grid';
import { Operands } from './operands';
import { gatherSamples, hasFlag, planBytes, scatterSamples } from './samples';

/** Scratch memory in bytes for `count` positions. */
export function outerColumnsScratch(g: Geometry, count: i32): f64 {
  return <f64>(TILE_BYTES + planBytes(g) + count);
}

@inline
function tileOf(o: Operands, first: i32, count: i32, columns: usize): Tile {
  const tile = changetype<Tile>(o.scratch);
  tile.first = first;
  tile.count = count;
  tile.columns = columns;
  tile.block = 0;
  tile.top = 0;
  tile.bottom = tapsOf(o.geometry) * o.geometry.inChannels;
  tile.plan = o.scratch + TILE_BYTES;
  tile.flags = tile.plan + <usize>planBytes(o.geometry);
  return tile;
}

/**
 * Fills the columns of `count` output positions from `first`. Returns 1 if a sample lies outside the image: the 0 in
 * its column is not enough if the other factor is NaN or infinite.
 */
export function outerColumnsGather(o: Operands, first: i32, count: i32, columns: usize): i32 {
  const tile = tileOf(o, first, count, columns);
  if (!o.offset) {
    gatherGrid(o.geometry, o.x, tile);
    return 0;
  }
  gatherSamples(o, tile);
  return hasFlag(tile.flags, count) ? 1 : 0;
}

/** Adds the gradient of the columns to dx, which starts at 0, and writes doffset and (if there is a mask) dmask. */
export function outerColumnsScatter(o: Operands, first: i32, count: i32, columns: usize): void {
  const g = o.geometry;
  const tile = tileOf(o, first, count, columns);
  if (first == 0) memory.fill(o.dx, 0, (<usize>(g.batch * g.inHeight * g.inWidth) * g.inChannels) << 2);
  if (o.offset) scatterSamples(o, tile);
  else scatterGrid(g, o.dx, tile);
}
