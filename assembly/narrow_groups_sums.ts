/** Sums of a convolution with narrow groups, over a rectangle of taps and the channels of one group. */
import { Rectangle } from './depthwise_sums';
import { multiplyAdd } from './multiply_add';

/**
 * Four positions by 8 results, over all taps of the rectangle and the `depth` channels of the group. There is a branch
 * after every two channels for the same reason as in kernel4x8 (gemm.ts): as one block of four channels they took twice
 * as long.
 */
export function four8(r: Rectangle, pixels: usize, weights: usize, to: usize, depth: i32): void {
  const pixelStep = r.pixelStep;
  const toStep = r.toStep;
  let s00 = f32x4.splat(0);
  let s01 = s00;
  let s10 = s00;
  let s11 = s01;
  let s20 = s00;
  let s21 = s01;
  let s30 = s00;
  let s31 = s01;
  let b0: v128;
  let b1: v128;
  let at: usize;
  let v: v128;
  for (let row = r.rows; row > 0; row--, pixels += r.pixelRow, weights += r.weightRow) {
    let pixel = pixels;
    let weight = weights;
    for (let column = r.columns; column > 0; column--, pixel += r.pixelColumn, weight += r.weightColumn) {
      let p = pixel;
      let w = weight;
      const end = p + ((<usize>depth) << 2);
      while (true) {
        b0 = v128.load(w);
        b1 = v128.load(w, 16);
        at = p;
        v = v128.load_splat<f32>(at);
        s00 = multiplyAdd(v, b0, s00);
        s01 = multiplyAdd(v, b1, s01);
        at += pixelStep;
        v = v128.load_splat<f32>(at);
        s10 = multiplyAdd(v, b0, s10);
        s11 = multiplyAdd(v, b1, s11);
        at += pixelStep;
        v = v128.load_splat<f32>(at);
        s20 = multiplyAdd(v, b0, s20);
        s21 = multiplyAdd(v, b1, s21);
        at += pixelStep;
        v = v128.load_splat<f32>(at);
        s30 = multiplyAdd(v, b0, s30);
        s31 = multiplyAdd(v, b1, s31);
        p += 4;
        w += 32;
        if (p >= end) break;
        b0 = v128.load(w);
        b1 = v128.load(w, 16);
        at = p;
        v = v128.load_splat<f32>(at);
        s00 = multiplyAdd(v, b0, s00);
        s01 = multiplyAdd(v, b1, s01);
        at += pixelStep;
        v = v128.load_splat<f32>(at);
        s10 = multiplyAdd(v, b0, s10);
        s11 = multiplyAdd(v, b1, s11);
        at += pixelStep;
        v = v128.load_splat<f32>(at);
        s20 = multiplyAdd(v, b0, s20);
        s21 = multiplyAdd(v, b1, s21);
        at += pixelStep;
        v = v128.load_splat<f32>(at);
        s30 = multiplyAdd(v, b0, s30);
        s31 = multiplyAdd(v, b1, s31);
        p += 4;
        w += 32;
        if (p >= end) break;
      }
    }
  }
  v128.store(to, s00);
  v128.store(to, s01, 16);
  to += toStep;
  v128.store(to, s10);
  v128.store(to, s11, 16);
  to += toStep;
  v128.store(to, s20);
  v128.store(to, s21, 16);
  to += toStep;
  v128.store(to, s30);
  v128.store(to, s31, 16);
}

/** The same by 4 results. */
export function four4(r: Rectangle, pixels: usize, weights: usize, to: usize, depth: i32): void {
  const pixelStep = r.pixelStep;
  const toStep = r.toStep;
  let s00 = f32x4.splat(0);
  let s10 = s00;
  let s20 = s00;
  let s30 = s00;
  let b0: v128;
  let at: usize;
  let v: v128;
  for (let row = r.rows; row > 0; row--, pixels += r.pixelRow, weights += r.weightRow) {
    let pixel = pixels;
    let weight = weights;
    for (let column = r.columns; column > 0; column--, pixel += r.pixelColumn, weight += r.weightColumn) {
      let p = pixel;
      let w = weight;
      const end = p + ((<usize>depth) << 2);
      while (true) {
        b0 = v128.load(w);
        at = p;
        v = v128.load_splat<f32>(at);
        s00 = multiplyAdd(v, b0, s00);
        at += pixelStep;
        v = v128.load_splat<f32>(at);
        s10 = multiplyAdd(v, b0, s10);
        at += pixelStep;
        v = v128.load_splat<f32>(at);
        s20 = multiplyAdd(v, b0, s20);
        at += pixelStep;
        v = v128.load_splat<f32>(at);
        s30 = multiplyAdd(v, b0, s30);
        p += 4;
        w += 16;
        if (p >= end) break;
        b0 = v128.load(w);
        at = p;
        v = v128.load_splat<f32>(at);
        s00 = multiplyAdd(v, b0, s00);
        at += pixelStep;
        v = v128.load_splat<f32>(at);
        s10 = multiplyAdd(v, b0, s10);
        at += pixelStep;
        v = v128.load_splat<f32>(at);
        s20 = multiplyAdd(v, b0, s20);
        at += pixelStep;
        v = v128.load_splat<f32>(at);
        s30 = multiplyAdd(v, b0, s30);
        p += 4;
        w += 16;
        if (p >= end) break;
      }
    }
  }
  v128.store(to, s00);
  to += toStep;
  v128.store(to, s10);
  to += toStep;
  v128.store(to, s20);
  to += toStep;
  v128.store(to, s30);
}

/**
 * Adjacent positions of groups of 4 channels by 4 results, six at a time: as many as leave registers for all their
 * factors. `count` is a multiple of that. The distance between the pixels is a constant, so that no address has to be
 * computed.
 */
export function sixes4(r: Rectangle, count: i32, pixels: usize, weights: usize, to: usize, depth: i32): void {
  const toStep = r.toStep;
  const rows = r.rows;
  const columns = r.columns;
  for (; count > 0; count -= 6, pixels += 96) {
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let s4 = s0;
    let s5 = s0;
    let b: v128;
    let rowPixel = pixels;
    let rowWeight = weights;
    for (let row = rows; row > 0; row--, rowPixel += r.pixelRow, rowWeight += r.weightRow) {
      let pixel = rowPixel;
      let weight = rowWeight;
      for (let column = columns; column > 0; column--, pixel += r.pixelColumn, weight += r.weightColumn) {
        let p = pixel;
        let w = weight;
        const end = p + ((<usize>depth) << 2);
        while (true) {
          b = v128.load(w);
          s0 = multiplyAdd(v128.load_splat<f32>(p), b, s0);
          s1 = multiplyAdd(v128.load_splat<f32>(p, 16), b, s1);
          s2 = multiplyAdd(v128.load_splat<f32>(p, 32), b, s2);
          s3 = multiplyAdd(v128.load_splat<f32>(p, 48), b, s3);
          s4 = multiplyAdd(v128.load_splat<f32>(p, 64), b, s4);
          s5 = multiplyAdd(v128.load_splat<f32>(p, 80), b, s5);
          p += 4;
          w += 16;
          if (p >= end) break;
          b = v128.load(w);
          s0 = multiplyAdd(v128.load_splat<f32>(p), b, s0);
          s1 = multiplyAdd(v128.load_splat<f32>(p, 16), b, s1);
          s2 = multiplyAdd(v128.load_splat<f32>(p, 32), b, s2);
          s3 = multiplyAdd(v128.load_splat<f32>(p, 48), b, s3);
          s4 = multiplyAdd(v128.load_splat<f32>(p, 64), b, s4);
          s5 = multiplyAdd(v128.load_splat<f32>(p, 80), b, s5);
          p += 4;
          w += 16;
          if (p >= end) break;
        }
      }
    }
    v128.store(to, s0);
    to += toStep;
    v128.store(to, s1);
    to += toStep;
    v128.store(to, s2);
    to += toStep;
    v128.store(to, s3);
    to += toStep;
    v128.store(to, s4);
    to += toStep;
    v128.store(to, s5);
    to += toStep;
  }
}

/** One position by 4 results; each of four channels has its own sum, so that additions do not wait for each other. */
export function one4(r: Rectangle, pixels: usize, weights: usize, weightStep: usize, to: usize, depth: i32): void {
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  let s2 = s1;
  let s3 = s1;
  for (let row = r.rows; row > 0; row--, pixels += r.pixelRow, weights += r.weightRow) {
    let pixel = pixels;
    let weight = weights;
    for (let column = r.columns; column > 0; column--, pixel += r.pixelColumn, weight += r.weightColumn) {
      let p = pixel;
      let w = weight;
      for (let c = depth; c > 0; c -= 4, p += 16) {
        s0 = multiplyAdd(v128.load_splat<f32>(p), v128.load(w), s0);
        w += weightStep;
        s1 = multiplyAdd(v128.load_splat<f32>(p, 4), v128.load(w), s1);
        w += weightStep;
        s2 = multiplyAdd(v128.load_splat<f32>(p, 8), v128.load(w), s2);
        w += weightStep;
        s3 = multiplyAdd(v128.load_splat<f32>(p, 12), v128.load(w), s3);
        w += weightStep;
      }
    }
  }
  v128.store(to, f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
}
