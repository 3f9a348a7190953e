/**
 * Columns for a matrix product computed outside this module, by a faster library: gathered before it, scattered after
 * it. One group only. The scratch memory holds the plan of one position and a byte for each of `count` positions.
 */
import { Geometry, tapsOf } from './geometry';
import { gatherGrid, scatterGrid } from './grid';
import { gatherSamples, hasFlag, planBytes, scatterSamples } from './samples';

/** Scratch memory in bytes for `count` positions. */
export function outerColumnsScratch(g: Geometry, count: i32): f64 {
  return <f64>(planBytes(g) + count);
}

/**
 * Fills the columns of `count` output positions from `first`. Returns 1 if a sample lies outside the image: the 0 in
 * its column is not enough if the other factor is NaN or infinite.
 */
export function outerColumnsGather(
  g: Geometry,
  x: usize,
  offset: usize,
  mask: usize,
  first: i32,
  count: i32,
  columns: usize,
  scratch: usize,
): i32 {
  if (!offset) {
    gatherGrid(g, x, first, count, columns, 0);
    return 0;
  }
  const flags = scratch + <usize>planBytes(g);
  gatherSamples(g, x, offset, mask, first, count, columns, 0, scratch, flags, 0, tapsOf(g));
  return hasFlag(flags, count) ? 1 : 0;
}

/** Adds the gradient of the columns to dx, which starts at 0, and writes doffset and (if there is a mask) dmask. */
export function outerColumnsScatter(
  g: Geometry,
  x: usize,
  offset: usize,
  mask: usize,
  first: i32,
  count: i32,
  columns: usize,
  dx: usize,
  doffset: usize,
  dmask: usize,
  scratch: usize,
): void {
  if (first == 0) memory.fill(dx, 0, (<usize>(g.batch * g.inHeight * g.inWidth) * g.inChannels) << 2);
  if (offset) scatterSamples(g, x, offset, mask, first, count, columns, 0, scratch, dx, doffset, dmask);
  else scatterGrid(g, dx, first, count, columns, 0);
}
