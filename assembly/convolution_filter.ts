/**
 * Filter gradient of a plain or deformable convolution: columnsᵀ · dy, tile by tile of output positions. `offset` is 0
 * for a plain convolution, `mask` is 0 if there is none.
 */
import { blockSize, columnStride, filterTileRows, isPointwise } from './columns';
import { clearFloats, copyFloats, hasNaN } from './floats';
import { EDGE_BYTES, pack, packedSize, productTransposed } from './gemm';
import { Geometry, groupInOf, groupOutOf, positionsOf, tapsOf } from './geometry';
import { gatherKernelRows } from './grid';
import { isNarrow } from './narrow_groups';
import { narrowBackwardFilter, narrowFilterScratch } from './narrow_groups_filter';
import { gatherSamples, hasFlag, planBytes } from './samples';
import { addFilterGradient } from './unread_samples';

/** Layout of the scratch memory. */
@inline
function planAt(scratch: u64): u64 {
  return scratch + EDGE_BYTES;
}

@inline
function flagsAt(g: Geometry, scratch: u64): u64 {
  return planAt(scratch) + ((planBytes(g) + 15) & ~15);
}

@inline
function operandAt(g: Geometry, scratch: u64): u64 {
  return flagsAt(g, scratch) + ((filterTileRows(g) + 15) & ~15);
}

@inline
function columnsAt(g: Geometry, scratch: u64): u64 {
  return operandAt(g, scratch) + (packedSize(filterTileRows(g), groupOutOf(g)) << 2);
}

/** One byte per row of dfilter; the product reads up to 3 floats past the last column. */
@inline
function marksAt(g: Geometry, scratch: u64): u64 {
  return columnsAt(g, scratch) + ((<u64>g.groups * blockSize(g, filterTileRows(g)) + 3) << 2);
}

/** Scratch memory in bytes. */
export function convolutionFilterScratch(g: Geometry): f64 {
  if (isNarrow(g)) return <f64>narrowFilterScratch(g);
  return <f64>(marksAt(g, 0) + <u64>(tapsOf(g) * groupInOf(g)));
}

/**
 * Computes the rows (taps and input channels) of dfilter that belong to part `part` of `parts`; they are overwritten.
 * The sums of a row do not depend on the number of parts.
 */
export function convolutionBackwardFilter(
  g: Geometry,
  x: usize,
  offset: usize,
  mask: usize,
  dy: usize,
  dfilter: usize,
  scratch: usize,
  part: i32,
  parts: i32,
): void {
  if (isNarrow(g)) {
    narrowBackwardFilter(g, x, dy, dfilter, scratch, part, parts);
    return;
  }
  const inner = tapsOf(g) * groupInOf(g);
  // Whole tiles of the product, which have 4 rows.
  const tiles = (inner + 3) >> 2;
  const top = 4 * ((tiles * part) / parts);
  const bottom = min(4 * ((tiles * (part + 1)) / parts), inner);
  if (top >= bottom) return;
  const outer = groupOutOf(g);
  const columns = <usize>columnsAt(g, scratch);
  const operand = <usize>operandAt(g, scratch);
  const target = dfilter + ((<usize>top * g.outChannels) << 2);
  memory.fill(target, 0, (<usize>(bottom - top) * g.outChannels) << 2);
  const rows = filterTileRows(g);
  const block = <i32>blockSize(g, rows);
  const flags = <usize>flagsAt(g, scratch);
  const positions = positionsOf(g);
  let unread = false;
  for (let first = 0; first < positions; first += rows) {
    const count = min(rows, positions - first);
    gather(g, x, offset, mask, first, count, top, bottom, block, scratch);
    for (let group = 0; group < g.groups; group++) {
      pack(dy + ((<usize>first * g.outChannels + group * outer) << 2), g.outChannels, count, outer, operand);
      const a = columns + ((<usize>(group * block + top)) << 2);
      const c = target + ((<usize>(group * outer)) << 2);
      productTransposed(a, columnStride(g), operand, c, g.outChannels, bottom - top, count, outer, scratch);
    }
    if (offset && hasFlag(flags, count)) unread = true;
  }
  if (unread && hasNaN(target, (bottom - top) * g.outChannels)) {
    repair(g, x, offset, mask, dy, dfilter, top, bottom, scratch);
  }
}

/** Gathers the columns that the rows of dfilter from `top` to `bottom` need. */
function gather(
  g: Geometry,
  x: usize,
  offset: usize,
  mask: usize,
  first: i32,
  count: i32,
  top: i32,
  bottom: i32,
  block: i32,
  scratch: usize,
): void {
  const columns = <usize>columnsAt(g, scratch);
  const tap = groupInOf(g);
  if (offset) {
    const plan = <usize>planAt(scratch);
    const flags = <usize>flagsAt(g, scratch);
    gatherSamples(g, x, offset, mask, first, count, columns, block, plan, flags, top / tap, (bottom + tap - 1) / tap);
  } else if (isPointwise(g) && g.groups == 1) {
    // Copied too: read column-wise, the rows of the image itself would share a cache set.
    const from = x + ((<usize>first * g.inChannels + top) << 2);
    const to = columns + ((<usize>top) << 2);
    for (let row: usize = 0; row < <usize>count; row++) {
      copyFloats(from + ((row * g.inChannels) << 2), to + ((row * columnStride(g)) << 2), bottom - top);
    }
  } else {
    const line = g.kernelWidth * tap;
    gatherKernelRows(g, x, first, count, columns, block, top / line, (bottom + line - 1) / line);
  }
}

/** Recomputes the rows that contain NaN, without the samples outside the image. */
function repair(
  g: Geometry,
  x: usize,
  offset: usize,
  mask: usize,
  dy: usize,
  dfilter: usize,
  top: i32,
  bottom: i32,
  scratch: usize,
): void {
  const marks = <usize>marksAt(g, scratch);
  for (let row = top; row < bottom; row++) {
    const at = dfilter + ((<usize>row * g.outChannels) << 2);
    const isNaN = hasNaN(at, g.outChannels);
    store<u8>(marks + row, isNaN ? 1 : 0);
    if (isNaN) clearFloats(at, g.outChannels);
  }
  const columns = <usize>columnsAt(g, scratch);
  const plan = <usize>planAt(scratch);
  const rows = filterTileRows(g);
  const block = <i32>blockSize(g, rows);
  const positions = positionsOf(g);
  for (let first = 0; first < positions; first += rows) {
    const count = min(rows, positions - first);
    gather(g, x, offset, mask, first, count, top, bottom, block, scratch);
    addFilterGradient(g, offset, dy, first, count, columns, block, plan, dfilter, marks, top, bottom);
  }
}
