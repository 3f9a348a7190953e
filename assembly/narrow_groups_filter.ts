/**
 * Filter gradient of a plain convolution with many narrow groups, without columns: along a row of positions, the
 * weights of a tap for 4 input channels by 8 or 4 results stay in registers.
 */
import { clearFloats } from './floats';
import { Geometry, groupInOf, groupOutOf, tapsOf } from './geometry';
import { multiplyAdd } from './multiply_add';

/** Computes the groups of dfilter that belong to part `part` of `parts`; they are overwritten. */
export function narrowBackwardFilter(g: Geometry, x: usize, dy: usize, dfilter: usize, part: i32, parts: i32): void {
  const first = (g.groups * part) / parts;
  const end = (g.groups * (part + 1)) / parts;
  const inPixel = (<usize>g.inChannels) << 2;
  const outPixel = (<usize>g.outChannels) << 2;
  const rows = tapsOf(g) * groupInOf(g);
  const own = dfilter + ((<usize>(first * groupOutOf(g))) << 2);
  for (let row = 0; row < rows; row++) clearFloats(own + <usize>row * outPixel, (end - first) * groupOutOf(g));
  for (let n = 0; n < g.batch; n++) {
    for (let oy = 0; oy < g.outHeight; oy++, dy += <usize>g.outWidth * outPixel) {
      for (let ky = 0; ky < g.kernelHeight; ky++) {
        const iy = oy * g.strideHeight - g.padTop + ky * g.dilationHeight;
        if (<u32>iy >= <u32>g.inHeight) continue;
        const line = x + <usize>((n * g.inHeight + iy) * g.inWidth) * inPixel;
        const weights = dfilter + <usize>(ky * g.kernelWidth * groupInOf(g)) * outPixel;
        addLine(g, line, inPixel, dy, outPixel, weights, first, end);
      }
    }
  }
}

/**
 * Adds to the weights of one kernel row, in the groups from `firstGroup` to `endGroup`: one row of dy times the row of
 * x that the kernel row reads.
 */
function addLine(
  g: Geometry,
  line: usize,
  inPixel: usize,
  dy: usize,
  outPixel: usize,
  weights: usize,
  firstGroup: i32,
  endGroup: i32,
): void {
  const groupIn = groupInOf(g);
  const groupOut = groupOutOf(g);
  const pixelStep = <usize>g.strideWidth * inPixel;
  for (let group = firstGroup; group < endGroup; group++) {
    const pixels = line + ((<usize>(group * groupIn)) << 2);
    const upstream = dy + ((<usize>(group * groupOut)) << 2);
    let tap = weights + ((<usize>(group * groupOut)) << 2);
    for (let kx = 0; kx < g.kernelWidth; kx++, tap += <usize>groupIn * outPixel) {
      // Positions whose tap is inside the image: first · stride + shift ≥ 0 and last · stride + shift < width.
      const shift = kx * g.dilationWidth - g.padLeft;
      const first = shift < 0 ? (g.strideWidth - 1 - shift) / g.strideWidth : 0;
      const end = shift < g.inWidth ? min((g.inWidth - 1 - shift) / g.strideWidth + 1, g.outWidth) : 0;
      if (first >= end) continue;
      const from = pixels + <usize>(first * g.strideWidth + shift) * inPixel;
      const by = upstream + <usize>first * outPixel;
      const to = tap;
      for (let c = 0; c < groupIn; c += 4) {
        const p = from + ((<usize>c) << 2);
        const w = to + <usize>c * outPixel;
        let m = 0;
        for (; m + 8 <= groupOut; m += 8) {
          addOuter8(p, pixelStep, by + ((<usize>m) << 2), outPixel, end - first, w + ((<usize>m) << 2));
        }
        if (m < groupOut) addOuter4(p, pixelStep, by + ((<usize>m) << 2), outPixel, end - first, w + ((<usize>m) << 2));
      }
    }
  }
}

/** weights (4 rows of 8, a pixel's bytes apart) += Σ x · dy over `count` positions; x has 4 channels and dy 8. */
function addOuter8(x: usize, xStep: usize, dy: usize, pitch: usize, count: i32, weights: usize): void {
  let s00 = f32x4.splat(0);
  let s01 = s00;
  let s10 = s00;
  let s11 = s00;
  let s20 = s00;
  let s21 = s00;
  let s30 = s00;
  let s31 = s00;
  for (; count > 0; count--, x += xStep, dy += pitch) {
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
function addOuter4(x: usize, xStep: usize, dy: usize, pitch: usize, count: i32, weights: usize): void {
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
    dy += pitch;
    g = v128.load(dy);
    s01 = multiplyAdd(v128.load_splat<f32>(x), g, s01);
    s11 = multiplyAdd(v128.load_splat<f32>(x, 4), g, s11);
    s21 = multiplyAdd(v128.load_splat<f32>(x, 8), g, s21);
    s31 = multiplyAdd(v128.load_splat<f32>(x, 12), g, s31);
    if (--count == 0) break;
    x += xStep;
    dy += pitch;
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
