/**
 * A tile of columns: for some output positions in a row, the input values that their taps read, side by side. One block
 * per group, [rows, stride] with (tap, channel of the group) along a row. A tile fits into the cache, whatever the size
 * of the image.
 */
import { Geometry, groupInOf, groupOutOf, positionsOf, tapsOf } from './geometry';

/** Floats of columns that a tile aims at: 256 KiB, a share of the second cache. */
const TILE_FLOATS: i32 = 65536;

/** Rows of a tile at most: enough for a packed panel to be read from the first cache nearly always. */
const MOST_ROWS: i32 = 64;

/** Output positions of one tile: a multiple of 4, at least 16 where there are so many. */
export function tileRows(g: Geometry): i32 {
  return limitRows(g, aimedRows(g));
}

/**
 * Output positions of one tile of the filter gradient. There they are the depth of the product, and every tile reads and
 * writes the whole result: tiles are larger where that is large.
 */
export function filterTileRows(g: Geometry): i32 {
  return limitRows(g, min(aimedRows(g) + groupOutOf(g) / 2, 256));
}

@inline
function aimedRows(g: Geometry): i32 {
  return min(TILE_FLOATS / max(tapsOf(g) * g.inChannels, 1), MOST_ROWS);
}

/** No tile takes much memory beside the image, the result and the filter, however small these are. */
@inline
function limitRows(g: Geometry, rows: i32): i32 {
  const column = <i64>tapsOf(g) * g.inChannels;
  const image = <i64>(g.batch * g.inHeight) * (g.inWidth * g.inChannels);
  const floats = image + <i64>positionsOf(g) * g.outChannels + <i64>(tapsOf(g) * groupInOf(g)) * g.outChannels;
  const share = <i32>min<i64>(floats / 3 / max<i64>(column, 1), MOST_ROWS * 8);
  return min(max(min(rows, share) & ~3, 16), (positionsOf(g) + 3) & ~3);
}

/** Floats from one row of a block to the next; here never a power of two, whose rows would share one cache set. */
@inline
export function columnStride(g: Geometry): i32 {
  const length = tapsOf(g) * groupInOf(g);
  return g.gapless ? length : ((length + 3) & ~3) + 4;
}

/**
 * Sizes of scratch memory are 64-bit numbers all the way, so that those beyond 4 GiB do not wrap but are refused by the
 * host, which asks for them first. Here: floats of one group's block of so many rows: an odd number of cache lines, so that the rows of many groups, which are
 * written together, do not share a cache set.
 */
@inline
export function blockSize(g: Geometry, rows: i32): u64 {
  return ((<u64>rows * columnStride(g) + 31) & ~31) + 16;
}

/** Whether the image itself serves as columns: 1×1, stride 1, no padding, no offsets. */
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
