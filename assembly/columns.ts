/**
 * A tile of columns: for some output positions in a row, the input values that their taps read, side by side. One block
 * per group, [rows, stride] with (tap, channel of the group) along a row. A tile fits into the cache, whatever the size
 * of the image.
 */
import { Geometry, groupInOf, positionsOf, tapsOf } from './geometry';

/** Floats of columns that a tile aims at: 256 KiB, a share of the second cache. */
const TILE_FLOATS: i32 = 65536;

/** Output positions of one tile: a multiple of 4, from 16 to 256. */
export function tileRows(g: Geometry): i32 {
  const rows = (TILE_FLOATS / max(tapsOf(g) * g.inChannels, 1)) & ~3;
  return min(max(min(rows, 256), 16), (positionsOf(g) + 3) & ~3);
}

/** Floats from one row of a block to the next; here never a power of two, whose rows would share one cache set. */
@inline
export function columnStride(g: Geometry): i32 {
  const length = tapsOf(g) * groupInOf(g);
  return g.gapless ? length : ((length + 3) & ~3) + 4;
}

/** Floats of one group's block. */
@inline
export function blockSize(g: Geometry): i32 {
  return tileRows(g) * columnStride(g);
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
