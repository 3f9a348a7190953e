/**
 * Geometry of a convolution as the host writes it: 32-bit integers in this order (src/backends/wasm/geometry.ts writes the
 * same). Sizes are in elements, (y, x). Pointers everywhere in this folder are byte addresses on the shared heap.
 */
@unmanaged
export class Geometry {
  batch: i32;
  inHeight: i32;
  inWidth: i32;
  inChannels: i32;
  outHeight: i32;
  outWidth: i32;
  outChannels: i32;
  kernelHeight: i32;
  kernelWidth: i32;
  strideHeight: i32;
  strideWidth: i32;
  dilationHeight: i32;
  dilationWidth: i32;
  padTop: i32;
  padLeft: i32;
  groups: i32;
  /** 0 for a plain convolution, whose taps read the grid itself. */
  offsetGroups: i32;
  /** 1 where columns are multiplied outside of this module: their rows then follow each other without a gap. */
  gapless: i32;
  /** What happens to the sums of a forward pass: 0 nothing, 1 ReLU, 2 ReLU6. */
  activation: i32;
}

/** Output positions of the whole batch. */
@inline
export function positionsOf(g: Geometry): i32 {
  return g.batch * g.outHeight * g.outWidth;
}

@inline
export function tapsOf(g: Geometry): i32 {
  return g.kernelHeight * g.kernelWidth;
}

/** Input channels of one group. */
@inline
export function groupInOf(g: Geometry): i32 {
  return g.inChannels / g.groups;
}

/** Output channels of one group. */
@inline
export function groupOutOf(g: Geometry): i32 {
  return g.outChannels / g.groups;
}
