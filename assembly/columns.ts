/**
 * A tile of columns: for consecutive output positions, the input values that their taps read, contiguous in memory. One
 * block per group, [rows, stride] with (tap, channel of the group) along a row. A tile fits in the cache, whatever the
 * size of the image.
 */
import { Geometry, groupInOf, groupOutOf, positionsOf, tapsOf } from './geometry';

/**
 * A tile of columns in memory. Its users fill only the part of the columns that they need, from `top` to `bottom`; the
 * rest stays as it is.
 */
@unmanaged
export class Tile {
  /** First output position, and their number. */
  first: i32;
  count: i32;
  columns: usize;
  /** Size of a group's block in floats. */
  block: i32;
  /** Index in a column of one group: tap · input channels of the group + channel. */
  top: i32;
  bottom: i32;
  /** Plan of the samples of one position of a deformable convolution. */
  plan: usize;
  /** A byte for each position: 1 if one of its samples lies outside the image. */
  flags: usize;
}

/** Size in bytes of a tile in scratch memory: a whole number of cache lines. */
export const TILE_BYTES: i32 = 64;

/** Target size of a tile in floats: 256 KiB, part of the L2 cache. */
const TILE_FLOATS: i32 = 65536;

/** Maximum number of rows in a tile: enough that a packed panel is nearly always read from the L1 cache. */
const MOST_ROWS: i32 = 64;

/** Number of output positions per tile: a multiple of 4, and at least 16 if there are that many. */
export function tileRows(g: Geometry): i32 {
  return limitRows(g, aimedRows(g));
}

/**
 * Number of output positions per tile of the filter gradient. Here they are the depth of the product, and every tile
 * reads and writes the whole result, so tiles are larger if the result is large.
 */
export function filterTileRows(g: Geometry): i32 {
  return limitRows(g, min(aimedRows(g) + groupOutOf(g) / 2, 256));
}

@inline
function aimedRows(g: Geometry): i32 {
  return min(TILE_FLOATS / max(tapsOf(g) * g.inChannels, 1), MOST_ROWS);
}

/**
 * Limits a tile so that it needs little memory compared with the image, the result and the filter, however small these
 * are.
 */
@inline
function limitRows(g: Geometry, rows: i32): i32 {
  const column = <i64>tapsOf(g) * g.inChannels;
  const image = <i64>(g.batch * g.inHeight) * (g.inWidth * g.inChannels);
  const floats = image + <i64>positionsOf(g) * g.outChannels + <i64>(tapsOf(g) * groupInOf(g)) * g.outChannels;
  const share = <i32>min<i64>(floats / 3 / max<i64>(column, 1), MOST_ROWS * 8);
  return min(max(min(rows, share) & ~3, 16), (positionsOf(g) + 3) & ~3);
}

/** Distance between rows of a block in floats; never a power of two, for which rows would share a cache set. */
@inline
export function columnStride(g: Geometry): i32 {
  const length = tapsOf(g) * groupInOf(g);
  return g.gapless ? length : ((length + 3) & ~3) + 4;
}

/**
 * Size in floats of one group's block with this many rows: an odd number of cache lines, so that the rows of many
 * groups, which are written together, do not share a cache set. Sizes of scratch memory are 64-bit throughout, so that
 * those beyond 4 GiB do not wrap and the caller, which asks for the size first, can reject them.
 */
@inline
export function blockSize(g: Geometry, rows: i32): u64 {
  return ((<u64>rows * columnStride(g) + 31) & ~31) + 16;
}

/** Tests whether the image itself can serve as columns: 1×1, stride 1, no padding, no offsets. */
@inline
export function isPointwise(g: Geometry): bool {
  return (
    g.offsetGroups == 0 &&
    tapsOf(g) == 1 &&
    g.strideHeight == 1 &&
    g.strideWidth == 1 &&
    g.padTop == 0 &&
    g.padLeft == 0 &&
    g.outHeight == g.inHeight &&
    g.outWidth == g.inWidth
  );
}
