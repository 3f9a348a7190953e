/**
 * Filter gradient of a depthwise convolution: for every tap the sum of pixel · dy over the positions that it reaches.
 * Three adjacent taps share the values of dy that they read, and their sums stay in registers for a run of positions
 * before they are added to the result, which also keeps long sums accurate.
 */
import { Geometry } from './geometry';
import { multiplyAdd } from './multiply_add';
import { Operands } from './operands';

/** Minimum number of positions in a run (if there are that many): whole output rows. */
const RUN: i32 = 32;

/** First output position whose pixel, position·stride + shift, is inside the image. */
@inline
function firstInside(shift: i32, stride: i32): i32 {
  return shift < 0 ? (stride - 1 - shift) / stride : 0;
}

/** One past the last such position. */
@inline
function endInside(shift: i32, stride: i32, size: i32, positions: i32): i32 {
  return shift < size ? min((size - shift + stride - 1) / stride, positions) : 0;
}

/** Channels per unit of division among threads: a cache line. */
const LINE: i32 = 16;

/**
 * Computes part `part` of `parts` of dfilter from x and dy: some channels of all taps, or all channels of some kernel
 * rows if there are few channels. The sums of a weight do not depend on the number of parts.
 */
export function depthwiseBackwardFilter(o: Operands, part: i32, parts: i32): void {
  const g = o.geometry;
  const lines = (g.inChannels + LINE - 1) / LINE;
  const byChannels = lines >= parts && g.outChannels == g.inChannels;
  const from = byChannels ? LINE * ((lines * part) / parts) : 0;
  const to = byChannels ? min(LINE * ((lines * (part + 1)) / parts), g.inChannels) : g.inChannels;
  const top = byChannels ? 0 : (g.kernelHeight * part) / parts;
  const bottom = byChannels ? g.kernelHeight : (g.kernelHeight * (part + 1)) / parts;
  addKernelRows(o, (<usize>from) << 2, (<usize>to) << 2, top, bottom);
}

/** Computes the kernel rows from `top` to `bottom` in the channels from `from` to `to`, in bytes. */
function addKernelRows(o: Operands, from: usize, to: usize, top: i32, bottom: i32): void {
  const g = o.geometry;
  const dfilter = o.dfilter;
  const inPixel = (<usize>g.inChannels) << 2;
  const outPixel = (<usize>g.outChannels) << 2;
  const multiplier = g.outChannels / g.inChannels;
  const bytes = to - from;
  for (let tap = top * g.kernelWidth; tap < bottom * g.kernelWidth; tap++) {
    memory.fill(dfilter + <usize>tap * outPixel + from * multiplier, 0, bytes * multiplier);
  }
  // With a multiplier, `from` is 0.
  const x = o.x + from;
  const dy = o.dy + from;
  const target = dfilter + from;
  const step = max(RUN / g.outWidth, 1);
  for (let n = 0; n < g.batch; n++) {
    for (let line = 0; line < g.outHeight; line += step) {
      for (let ky = top; ky < bottom; ky++) {
        const shift = ky * g.dilationHeight - g.padTop;
        const first = max(firstInside(shift, g.strideHeight), line);
        const end = min(endInside(shift, g.strideHeight, g.inHeight, g.outHeight), line + step);
        if (first >= end) continue;
        const image = x + <usize>((n * g.inHeight + first * g.strideHeight + shift) * g.inWidth) * inPixel;
        const upstream = dy + <usize>((n * g.outHeight + first) * g.outWidth) * outPixel;
        const weights = target + <usize>(ky * g.kernelWidth) * outPixel;
        addKernelRow(g, image, upstream, weights, end - first, bytes);
      }
    }
  }
}

/** Adds all taps of one kernel row, over rows of positions whose image rows are inside, for channels of `bytes` bytes. */
function addKernelRow(g: Geometry, x: usize, dy: usize, to: usize, rows: i32, bytes: usize): void {
  const outPixel = (<usize>g.outChannels) << 2;
  const dilation = g.dilationWidth;
  let kx = 0;
  if (g.outChannels == g.inChannels) {
    for (; kx + 3 <= g.kernelWidth; kx += 3, to += 3 * outPixel) {
      // All three together where all are inside, each separately at the borders.
      const shift = kx * dilation - g.padLeft;
      const last = shift + 2 * dilation;
      const first = firstInside(shift, g.strideWidth);
      const end = max(endInside(last, g.strideWidth, g.inWidth, g.outWidth), first);
      if (first < end) addThree(g, pixelsAt(g, x, first, shift), dyAt(g, dy, first), to, rows, end - first, bytes);
      for (let tap = 0; tap < 3; tap++) {
        const own = shift + tap * dilation;
        const ownFirst = firstInside(own, g.strideWidth);
        const ownEnd = endInside(own, g.strideWidth, g.inWidth, g.outWidth);
        const at = to + <usize>tap * outPixel;
        const before = min(first, ownEnd) - ownFirst;
        if (before > 0) addOne(g, pixelsAt(g, x, ownFirst, own), dyAt(g, dy, ownFirst), at, rows, before, bytes);
        const next = max(end, ownFirst);
        if (next < ownEnd) addOne(g, pixelsAt(g, x, next, own), dyAt(g, dy, next), at, rows, ownEnd - next, bytes);
      }
    }
  }
  for (; kx < g.kernelWidth; kx++, to += outPixel) {
    const shift = kx * dilation - g.padLeft;
    const first = firstInside(shift, g.strideWidth);
    const end = endInside(shift, g.strideWidth, g.inWidth, g.outWidth);
    if (first >= end) continue;
    const pixels = pixelsAt(g, x, first, shift);
    if (g.outChannels == g.inChannels) addOne(g, pixels, dyAt(g, dy, first), to, rows, end - first, bytes);
    else addMultiples(g, pixels, dyAt(g, dy, first), to, rows, end - first);
  }
}

/** Address of the pixel, in the same row, that the tap with this shift reads for a position. */
@inline
function pixelsAt(g: Geometry, x: usize, position: i32, shift: i32): usize {
  return x + ((<usize>(position * g.strideWidth + shift) * g.inChannels) << 2);
}

@inline
function dyAt(g: Geometry, dy: usize, position: i32): usize {
  return dy + ((<usize>position * g.outChannels) << 2);
}

/** Adds three adjacent taps over `count` positions of each row, the first of which reads the pixel at `x`. */
function addThree(g: Geometry, x: usize, dy: usize, to: usize, rows: i32, count: i32, bytes: usize): void {
  const pixel = (<usize>g.inChannels) << 2;
  const column = <usize>g.strideWidth * pixel;
  const row = <usize>(g.strideHeight * g.inWidth) * pixel;
  const dyRow = <usize>g.outWidth * pixel;
  const tap = <usize>g.dilationWidth * pixel;
  const wide = <usize>count * pixel;
  const to1 = to + pixel;
  const to2 = to1 + pixel;
  let c: usize = 0;
  for (; c + 64 <= bytes; c += 64) {
    let s00 = f32x4.splat(0);
    let s01 = s00;
    let s02 = s00;
    let s03 = s00;
    let s10 = s00;
    let s11 = s00;
    let s12 = s00;
    let s13 = s00;
    let s20 = s00;
    let s21 = s00;
    let s22 = s00;
    let s23 = s00;
    let line = x + c;
    let dyLine = dy + c;
    for (let r = rows; r > 0; r--, line += row, dyLine += dyRow) {
      let p0 = line;
      const stop = dyLine + wide;
      for (let at = dyLine; at < stop; at += pixel, p0 += column) {
        const p1 = p0 + tap;
        const p2 = p1 + tap;
        let d = v128.load(at);
        s00 = multiplyAdd(d, v128.load(p0), s00);
        s10 = multiplyAdd(d, v128.load(p1), s10);
        s20 = multiplyAdd(d, v128.load(p2), s20);
        d = v128.load(at, 16);
        s01 = multiplyAdd(d, v128.load(p0, 16), s01);
        s11 = multiplyAdd(d, v128.load(p1, 16), s11);
        s21 = multiplyAdd(d, v128.load(p2, 16), s21);
        d = v128.load(at, 32);
        s02 = multiplyAdd(d, v128.load(p0, 32), s02);
        s12 = multiplyAdd(d, v128.load(p1, 32), s12);
        s22 = multiplyAdd(d, v128.load(p2, 32), s22);
        d = v128.load(at, 48);
        s03 = multiplyAdd(d, v128.load(p0, 48), s03);
        s13 = multiplyAdd(d, v128.load(p1, 48), s13);
        s23 = multiplyAdd(d, v128.load(p2, 48), s23);
      }
    }
    addTo4(to + c, s00, s01, s02, s03);
    addTo4(to1 + c, s10, s11, s12, s13);
    addTo4(to2 + c, s20, s21, s22, s23);
  }
  for (; c + 16 <= bytes; c += 16) {
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let line = x + c;
    let dyLine = dy + c;
    for (let r = rows; r > 0; r--, line += row, dyLine += dyRow) {
      let p = line;
      const stop = dyLine + wide;
      for (let at = dyLine; at < stop; at += pixel, p += column) {
        const d = v128.load(at);
        s0 = multiplyAdd(d, v128.load(p), s0);
        s1 = multiplyAdd(d, v128.load(p + tap), s1);
        s2 = multiplyAdd(d, v128.load(p + 2 * tap), s2);
      }
    }
    addTo(to + c, s0);
    addTo(to1 + c, s1);
    addTo(to2 + c, s2);
  }
  for (; c < bytes; c += 4) {
    let s0: f32 = 0;
    let s1: f32 = 0;
    let s2: f32 = 0;
    let line = x + c;
    let dyLine = dy + c;
    for (let r = rows; r > 0; r--, line += row, dyLine += dyRow) {
      let p = line;
      const stop = dyLine + wide;
      for (let at = dyLine; at < stop; at += pixel, p += column) {
        const d = load<f32>(at);
        s0 += d * load<f32>(p);
        s1 += d * load<f32>(p + tap);
        s2 += d * load<f32>(p + 2 * tap);
      }
    }
    store<f32>(to + c, load<f32>(to + c) + s0);
    store<f32>(to1 + c, load<f32>(to1 + c) + s1);
    store<f32>(to2 + c, load<f32>(to2 + c) + s2);
  }
}

@inline
function addTo(at: usize, sum: v128): void {
  v128.store(at, f32x4.add(v128.load(at), sum));
}

@inline
function addTo4(at: usize, s0: v128, s1: v128, s2: v128, s3: v128): void {
  addTo(at, s0);
  addTo(at + 16, s1);
  addTo(at + 32, s2);
  addTo(at + 48, s3);
}

/** Adds one tap over `count` positions of some rows. */
function addOne(g: Geometry, x: usize, dy: usize, to: usize, rows: i32, count: i32, bytes: usize): void {
  const pixel = (<usize>g.inChannels) << 2;
  const column = <usize>g.strideWidth * pixel;
  const row = <usize>(g.strideHeight * g.inWidth) * pixel;
  const dyRow = <usize>g.outWidth * pixel;
  const wide = <usize>count * pixel;
  let c: usize = 0;
  for (; c + 64 <= bytes; c += 64) {
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let line = x + c;
    let dyLine = dy + c;
    for (let r = rows; r > 0; r--, line += row, dyLine += dyRow) {
      let p = line;
      const stop = dyLine + wide;
      for (let at = dyLine; at < stop; at += pixel, p += column) {
        s0 = multiplyAdd(v128.load(at), v128.load(p), s0);
        s1 = multiplyAdd(v128.load(at, 16), v128.load(p, 16), s1);
        s2 = multiplyAdd(v128.load(at, 32), v128.load(p, 32), s2);
        s3 = multiplyAdd(v128.load(at, 48), v128.load(p, 48), s3);
      }
    }
    addTo4(to + c, s0, s1, s2, s3);
  }
  for (; c + 16 <= bytes; c += 16) {
    let s0 = f32x4.splat(0);
    let line = x + c;
    let dyLine = dy + c;
    for (let r = rows; r > 0; r--, line += row, dyLine += dyRow) {
      let p = line;
      const stop = dyLine + wide;
      for (let at = dyLine; at < stop; at += pixel, p += column) {
        s0 = multiplyAdd(v128.load(at), v128.load(p), s0);
      }
    }
    addTo(to + c, s0);
  }
  for (; c < bytes; c += 4) {
    let s0: f32 = 0;
    let line = x + c;
    let dyLine = dy + c;
    for (let r = rows; r > 0; r--, line += row, dyLine += dyRow) {
      let p = line;
      const stop = dyLine + wide;
      for (let at = dyLine; at < stop; at += pixel, p += column) s0 += load<f32>(at) * load<f32>(p);
    }
    store<f32>(to + c, load<f32>(to + c) + s0);
  }
}

/** Adds one tap of a convolution with a multiplier: to[c·multiplier + m] += x[c] · dy[c·multiplier + m]. */
function addMultiples(g: Geometry, x: usize, dy: usize, to: usize, rows: i32, count: i32): void {
  const inPixel = (<usize>g.inChannels) << 2;
  const outPixel = (<usize>g.outChannels) << 2;
  const multiplier = g.outChannels / g.inChannels;
  for (let r = 0; r < rows; r++) {
    for (let ox = 0; ox < count; ox++) {
      let p = x + <usize>(r * g.strideHeight * g.inWidth + ox * g.strideWidth) * inPixel;
      let d = dy + <usize>(r * g.outWidth + ox) * outPixel;
      let w = to;
      for (let c = 0; c < g.inChannels; c++, p += 4) {
        const value = load<f32>(p);
        for (let m = 0; m < multiplier; m++, w += 4, d += 4) store<f32>(w, load<f32>(w) + value * load<f32>(d));
      }
    }
  }
}
