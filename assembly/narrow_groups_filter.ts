/**
 * Filter gradient of a plain convolution with many narrow groups, without columns. The channels of one group are few
 * beside those of a pixel, whose neighbours share cache sets with it; so a band of rows of one group, of x and of dy, is
 * made contiguous, and along it the weights of a tap for 4 input channels by 8 or 4 results stay in registers.
 */
import { clearFloats } from './floats';
import { Geometry, groupInOf, groupOutOf, tapsOf } from './geometry';
import { bandRows, blockGroups, paddedSize, reachOf, separateGroups } from './group_bands';
import { multiplyAdd } from './multiply_add';
import { Operands } from './operands';

/** Number of output rows per band. */
@inline
function outRows(g: Geometry): i32 {
  const beside = g.outWidth * groupOutOf(g);
  return bandRows(g, groupInOf(g), g.inWidth * groupInOf(g), g.strideHeight, beside, g.outHeight);
}

/** Number of floats of one group in a band of x. */
@inline
function inSize(g: Geometry): i32 {
  return paddedSize(min((outRows(g) - 1) * g.strideHeight + reachOf(g), g.inHeight) * g.inWidth * groupInOf(g));
}

/** Number of floats of one group in a band of dy. */
@inline
function outSize(g: Geometry): i32 {
  return paddedSize(outRows(g) * g.outWidth * groupOutOf(g));
}

/** Scratch memory in bytes. */
export function narrowFilterScratch(g: Geometry): u64 {
  return (<u64>blockGroups(g, groupInOf(g)) * (<u64>inSize(g) + outSize(g))) << 2;
}

/** Computes the groups of dfilter that belong to part `part` of `parts`; they are overwritten. */
export function narrowBackwardFilter(o: Operands, part: i32, parts: i32): void {
  const g = o.geometry;
  const first = (g.groups * part) / parts;
  const end = (g.groups * (part + 1)) / parts;
  const outPixel = (<usize>g.outChannels) << 2;
  const weights = tapsOf(g) * groupInOf(g);
  const own = o.dfilter + ((<usize>(first * groupOutOf(g))) << 2);
  for (let row = 0; row < weights; row++) clearFloats(own + <usize>row * outPixel, (end - first) * groupOutOf(g));
  const rows = outRows(g);
  for (let block = first; block < end; block += blockGroups(g, groupInOf(g))) {
    const groups = min(blockGroups(g, groupInOf(g)), end - block);
    for (let n = 0; n < g.batch; n++) {
      for (let row = 0; row < g.outHeight; row += rows) {
        addBand(o, block, groups, n, row, min(rows, g.outHeight - row));
      }
    }
  }
}

/** Adds to the weights of `groups` groups from `first`: `rows` output rows of image `n` from `top`. */
function addBand(o: Operands, first: i32, groups: i32, n: i32, top: i32, rows: i32): void {
  const g = o.geometry;
  const groupIn = groupInOf(g);
  const groupOut = groupOutOf(g);
  const start = top * g.strideHeight - g.padTop;
  const inTop = max(start, 0);
  const inRows = min(start + (rows - 1) * g.strideHeight + reachOf(g), g.inHeight) - inTop;
  if (inRows <= 0) return;
  const inBytes = (<usize>inSize(g)) << 2;
  const outBytes = (<usize>outSize(g)) << 2;
  let pixels = o.scratch;
  let upstream = pixels + <usize>blockGroups(g, groupInOf(g)) * inBytes;
  const fromX = o.x + ((<usize>((n * g.inHeight + inTop) * g.inWidth * g.inChannels + first * groupIn)) << 2);
  const fromDy = o.dy + ((<usize>((n * g.outHeight + top) * g.outWidth * g.outChannels + first * groupOut)) << 2);
  separateGroups(fromX, g.inChannels, inRows * g.inWidth, groups, groupIn, pixels, inBytes);
  separateGroups(fromDy, g.outChannels, rows * g.outWidth, groups, groupOut, upstream, outBytes);
  let weights = o.dfilter + ((<usize>(first * groupOut)) << 2);
  for (let group = 0; group < groups; group++, weights += (<usize>groupOut) << 2) {
    addGroup(g, pixels, start, inTop, upstream, rows, weights);
    pixels += inBytes;
    upstream += outBytes;
  }
}

/** Adds a band of one group. Output row 0 of it reads, with its first tap, row `start` of the image; x has `inTop` first. */
function addGroup(g: Geometry, x: usize, start: i32, inTop: i32, dy: usize, rows: i32, weights: usize): void {
  const groupIn = groupInOf(g);
  const inPixel = (<usize>groupIn) << 2;
  const outPixel = (<usize>groupOutOf(g)) << 2;
  const pitch = (<usize>g.outChannels) << 2;
  for (let ky = 0; ky < g.kernelHeight; ky++) {
    const rowShift = start + ky * g.dilationHeight;
    const firstRow = firstInside(rowShift, g.strideHeight);
    const endRow = endInside(rowShift, g.strideHeight, g.inHeight, rows);
    for (let kx = 0; kx < g.kernelWidth; kx++, weights += <usize>groupIn * pitch) {
      const shift = kx * g.dilationWidth - g.padLeft;
      const first = firstInside(shift, g.strideWidth);
      const count = endInside(shift, g.strideWidth, g.inWidth, g.outWidth) - first;
      if (count <= 0) continue;
      for (let row = firstRow; row < endRow; row++) {
        const inRow = rowShift + row * g.strideHeight - inTop;
        const pixels = x + <usize>(inRow * g.inWidth + first * g.strideWidth + shift) * inPixel;
        const by = dy + <usize>(row * g.outWidth + first) * outPixel;
        for (let c: usize = 0; c < inPixel; c += 16) {
          addRow(pixels + c, <usize>g.strideWidth * inPixel, by, outPixel, count, weights + (c >> 2) * pitch, pitch);
        }
      }
    }
  }
}

/** First output position o for which o · stride + shift, the position that it reads, is not negative. */
@inline
function firstInside(shift: i32, stride: i32): i32 {
  return shift < 0 ? (stride - 1 - shift) / stride : 0;
}

/** End of the output positions for which it is less than `size`. */
@inline
function endInside(shift: i32, stride: i32, size: i32, positions: i32): i32 {
  return shift < size ? min((size - 1 - shift) / stride + 1, positions) : 0;
}

/** Adds `count` positions of a row to the weights of a tap for 4 channels of x. */
@inline
function addRow(x: usize, xStep: usize, dy: usize, dyStep: usize, count: i32, weights: usize, pitch: usize): void {
  let m: usize = 0;
  for (; m + 32 <= dyStep; m += 32) addOuter8(x, xStep, dy + m, dyStep, count, weights + m, pitch);
  if (m < dyStep) addOuter4(x, xStep, dy + m, dyStep, count, weights + m, pitch);
}

/** weights (4 rows of 8, `pitch` bytes apart) += Σ x · dy over `count` positions; x has 4 channels and dy 8. */
function addOuter8(x: usize, xStep: usize, dy: usize, dyStep: usize, count: i32, weights: usize, pitch: usize): void {
  let s00 = f32x4.splat(0);
  let s01 = s00;
  let s10 = s00;
  let s11 = s00;
  let s20 = s00;
  let s21 = s00;
  let s30 = s00;
  let s31 = s00;
  for (; count > 0; count--, x += xStep, dy += dyStep) {
    const g0 = v128.load(dy);
    const g1 = v128.load(dy, 16);
    let v = v128.load_splat<f32>(x);
    s00 = multiplyAdd(v, g0, s00);
    s01 = multiplyAdd(v, g1, s01);
    v = v128.load_splat<f32>(x, 4);
    s10 = multiplyAdd(v, g0, s10);
    s11 = multiplyAdd(v, g1, s11);
    v = v128.load_splat<f32>(x, 8);
    s20 = multiplyAdd(v, g0, s20);
    s21 = multiplyAdd(v, g1, s21);
    v = v128.load_splat<f32>(x, 12);
    s30 = multiplyAdd(v, g0, s30);
    s31 = multiplyAdd(v, g1, s31);
  }
  add(weights, s00);
  add(weights + 16, s01);
  weights += pitch;
  add(weights, s10);
  add(weights + 16, s11);
  weights += pitch;
  add(weights, s20);
  add(weights + 16, s21);
  weights += pitch;
  add(weights, s30);
  add(weights + 16, s31);
}

/** The same for 4 channels of dy: two positions at a time, so that additions do not wait for each other. */
function addOuter4(x: usize, xStep: usize, dy: usize, dyStep: usize, count: i32, weights: usize, pitch: usize): void {
  let s00 = f32x4.splat(0);
  let s01 = s00;
  let s10 = s00;
  let s11 = s00;
  let s20 = s00;
  let s21 = s00;
  let s30 = s00;
  let s31 = s00;
  while (true) {
    let g = v128.load(dy);
    s00 = multiplyAdd(v128.load_splat<f32>(x), g, s00);
    s10 = multiplyAdd(v128.load_splat<f32>(x, 4), g, s10);
    s20 = multiplyAdd(v128.load_splat<f32>(x, 8), g, s20);
    s30 = multiplyAdd(v128.load_splat<f32>(x, 12), g, s30);
    if (--count == 0) break;
    x += xStep;
    dy += dyStep;
    g = v128.load(dy);
    s01 = multiplyAdd(v128.load_splat<f32>(x), g, s01);
    s11 = multiplyAdd(v128.load_splat<f32>(x, 4), g, s11);
    s21 = multiplyAdd(v128.load_splat<f32>(x, 8), g, s21);
    s31 = multiplyAdd(v128.load_splat<f32>(x, 12), g, s31);
    if (--count == 0) break;
    x += xStep;
    dy += dyStep;
  }
  add(weights, f32x4.add(s00, s01));
  weights += pitch;
  add(weights, f32x4.add(s10, s11));
  weights += pitch;
  add(weights, f32x4.add(s20, s21));
  weights += pitch;
  add(weights, f32x4.add(s30, s31));
}

@inline
function add(at: usize, sum: v128): void {
  v128.store(at, f32x4.add(v128.load(at), sum));
}
