/**
 * Filter gradient of a plain or deformable convolution: columnsᵀ · dy, tile by tile of output
 * positions.
 */
import { blockSize, columnStride, filterTileRows, isPointwise, Tile, TILE_BYTES } from './columns';
import { clearFloats, copyFloats, hasNaN } from './floats';
import { pack, packedSize, Product, PRODUCT_BYTES, productTransposed } from './gemm';
import { Geometry, groupInOf, groupOutOf, positionsOf, tapsOf } from './geometry';
import { gatherGrid } from './grid';
import { isNarrow } from './narrow_groups';
import { narrowBackwardFilter, narrowFilterScratch } from './narrow_groups_filter';
import { Operands } from './operands';
import { gatherSamples, hasFlag, planBytes } from './samples';
import { addFilterGradient } from './unread_samples';

/** Layout of the scratch memory, which starts with a {@link Product}. */
@inline
function tileAt(scratch: u64): u64 {
  return scratch + PRODUCT_BYTES;
}

@inline
function planAt(scratch: u64): u64 {
  return tileAt(scratch) + TILE_BYTES;
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
export function convolutionBackwardFilter(o: Operands, part: i32, parts: i32): void {
  const g = o.geometry;
  if (isNarrow(g)) {
    narrowBackwardFilter(o, part, parts);
    return;
  }
  const inner = tapsOf(g) * groupInOf(g);
  // Whole tiles of the product, which have 4 rows.
  const tiles = (inner + 3) >> 2;
  const top = 4 * ((tiles * part) / parts);
  const bottom = min(4 * ((tiles * (part + 1)) / parts), inner);
  if (top >= bottom) return;
  const outer = groupOutOf(g);
  const rows = filterTileRows(g);
  const tile = changetype<Tile>(<usize>tileAt(o.scratch));
  tile.columns = <usize>columnsAt(g, o.scratch);
  tile.block = <i32>blockSize(g, rows);
  tile.top = top;
  tile.bottom = bottom;
  tile.plan = <usize>planAt(o.scratch);
  tile.flags = <usize>flagsAt(g, o.scratch);
  const p = changetype<Product>(o.scratch);
  p.rows = bottom - top;
  p.columns = outer;
  p.aPitch = (<usize>columnStride(g)) << 2;
  p.cPitch = (<usize>g.outChannels) << 2;
  const operand = <usize>operandAt(g, o.scratch);
  const target = o.dfilter + <usize>top * p.cPitch;
  memory.fill(target, 0, <usize>(bottom - top) * p.cPitch);
  const positions = positionsOf(g);
  let unread = false;
  for (let first = 0; first < positions; first += rows) {
    const count = min(rows, positions - first);
    tile.first = first;
    tile.count = count;
    p.inner = count;
    gather(o, tile);
    for (let group = 0; group < g.groups; group++) {
      const from = o.dy + ((<usize>first * g.outChannels + group * outer) << 2);
      pack(from, g.outChannels, count, outer, operand);
      const a = tile.columns + ((<usize>(group * tile.block + top)) << 2);
      productTransposed(p, a, operand, target + ((<usize>(group * outer)) << 2));
    }
    if (o.offset && hasFlag(tile.flags, count)) unread = true;
  }
  if (unread && hasNaN(target, (bottom - top) * g.outChannels)) repair(o, tile);
}

/** Gathers the columns that a tile needs. */
function gather(o: Operands, tile: Tile): void {
  const g = o.geometry;
  if (o.offset) {
    gatherSamples(o, tile);
  } else if (isPointwise(g) && g.groups == 1) {
    // Copied too: read column-wise, the rows of the image itself would share a cache set.
    const top = tile.top;
    const length = tile.bottom - top;
    const stride = columnStride(g);
    const from = o.x + ((<usize>tile.first * g.inChannels + top) << 2);
    const to = tile.columns + ((<usize>top) << 2);
    const count = <usize>tile.count;
    for (let row: usize = 0; row < count; row++) {
      copyFloats(from + ((row * g.inChannels) << 2), to + ((row * stride) << 2), length);
    }
  } else {
    gatherGrid(g, o.x, tile);
  }
}

/** Recomputes the rows of dfilter that contain NaN, without the samples outside the image. */
function repair(o: Operands, tile: Tile): void {
  const g = o.geometry;
  const marks = <usize>marksAt(g, o.scratch);
  for (let row = tile.top; row < tile.bottom; row++) {
    const at = o.dfilter + ((<usize>row * g.outChannels) << 2);
    const isNaN = hasNaN(at, g.outChannels);
    store<u8>(marks + row, isNaN ? 1 : 0);
    if (isNaN) clearFloats(at, g.outChannels);
  }
  const rows = filterTileRows(g);
  const positions = positionsOf(g);
  for (let first = 0; first < positions; first += rows) {
    tile.first = first;
    tile.count = min(rows, positions - first);
    gather(o, tile);
    addFilterGradient(o, tile, marks);
  }
}
