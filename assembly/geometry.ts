/**
 * Geometry of a convolution: 32-bit integers in this order, as written by src/backends/wasm/geometry.ts. Sizes are in
 * elements, (y, x). Pointers everywhere in this folder are byte addresses on the shared heap.
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
  /** 1 if columns are multiplied outside this module: their rows are then contiguous. */
  gapless: i32;
  /** Activation of a forward pass: 0 none, 1 ReLU, 2 ReLU6. */
  activation: i32;
}

/** Number of output positions in the whole batch. */
@inline
export function positionsOf(g: Geometry): i32 {
  return g.batch * g.outHeight * g.outWidth;
}

@inline
export function tapsOf(g: Geometry): i32 {
  return g.kernelHeight * g.kernelWidth;
}

/** Input channels per group. */
@inline
export function groupInOf(g: Geometry): i32 {
  return g.inChannels / g.groups;
}

/** Output channels per group. */
@inline
export function groupOutOf(g: Geometry): i32 {
  return g.outChannels / g.groups;
}
