/**
 * Bands of an image whose groups are separated, each to an image of its own. The channels of a narrow group are few
 * beside those of a pixel: read in place, the pixels of a row would share few cache sets, and most of a cache line would
 * belong to other groups. Groups are separated in blocks, and rows in bands, that fit in the cache.
 */
import { Geometry } from './geometry';

/** Target size in floats of a band of a block: 256 KiB, part of the L2 cache. */
const BAND_FLOATS: i32 = 65536;

/** Target number of channels per block: runs of 256 bytes, long enough for the prefetcher. */
const BLOCK_CHANNELS: i32 = 64;

/** Number of groups per block, of this many channels each. */
@inline
export function blockGroups(g: Geometry, groupChannels: i32): i32 {
  return min(max(BLOCK_CHANNELS / groupChannels, 1), g.groups);
}

/** Number of rows of the image that the taps of one position span. */
@inline
export function reachOf(g: Geometry): i32 {
  return (g.kernelHeight - 1) * g.dilationHeight + 1;
}

/**
 * Number of rows of positions per band, which read rows of `row` floats per group, `advance` rows apart. Each has
 * `beside` more floats per group. It depends on the shapes only, like the order of sums over bands.
 */
export function bandRows(g: Geometry, groupChannels: i32, row: i32, advance: i32, beside: i32, positions: i32): i32 {
  const shared = (reachOf(g) - advance) * row;
  const rows = (BAND_FLOATS / blockGroups(g, groupChannels) - shared) / max(advance * row + beside, 1);
  return min(max(rows, 1), positions);
}

/** Size in floats, an odd number of cache lines, so that the images of the groups do not share a cache set. */
@inline
export function paddedSize(floats: i32): i32 {
  return ((floats + 31) & ~31) + 16;
}

/** Copies `count` pixels, each of `groups` groups to an image of its own, `toGroup` bytes apart; 4 channels at a time. */
export function separateGroups(
  from: usize,
  channels: i32,
  count: i32,
  groups: i32,
  groupChannels: i32,
  to: usize,
  toGroup: usize,
): void {
  const pixel = (<usize>channels) << 2;
  const bytes = (<usize>groupChannels) << 2;
  if (bytes == 16) {
    for (const end = to + ((<usize>count) << 4); to < end; to += 16, from += pixel) {
      let source = from;
      let target = to;
      let group = groups;
      for (; group >= 4; group -= 4, source += 64, target += 4 * toGroup) {
        v128.store(target, v128.load(source));
        v128.store(target + toGroup, v128.load(source, 16));
        v128.store(target + 2 * toGroup, v128.load(source, 32));
        v128.store(target + 3 * toGroup, v128.load(source, 48));
      }
      for (; group > 0; group--, source += 16, target += toGroup) v128.store(target, v128.load(source));
    }
    return;
  }
  for (const end = to + <usize>count * bytes; to < end; to += bytes, from += pixel) {
    let source = from;
    let target = to;
    for (let group = groups; group > 0; group--, target += toGroup) {
      for (let c: usize = 0; c < bytes; c += 16, source += 16) v128.store(target + c, v128.load(source));
    }
  }
}
