/** Sums over the rectangle of taps that reaches a position: to[c] = bias[c] + Σ pixel[c] · weight[c]. */
import { multiplyAdd } from './multiply_add';

/**
 * A rectangle of taps: counts, and distances in bytes in the image and in the filter. It reaches several positions, whose
 * pixels and results are evenly spaced.
 */
@unmanaged
export class Rectangle {
  rows: i32;
  columns: i32;
  pixelRow: usize;
  pixelColumn: usize;
  weightRow: usize;
  weightColumn: usize;
  pixelStep: usize;
  toStep: usize;
}

/** Computes four positions. `bytes` is the size of the channels; `bias` is 0 if there is none. */
export function sumFour(r: Rectangle, pixels: usize, weights: usize, bias: usize, to: usize, bytes: usize): void {
  const pixelStep = r.pixelStep;
  const toStep = r.toStep;
  const rows = r.rows;
  const columns = r.columns;
  const pixelRow = r.pixelRow;
  const pixelColumn = r.pixelColumn;
  const weightRow = r.weightRow;
  const weightColumn = r.weightColumn;
  let c: usize = 0;
  // Three adjacent taps that read adjacent pixels, the usual case, share the pixels of the four positions. Pixels 2 KiB
  // apart map to two cache sets, which so few channels at a time would have to fill four times instead of twice.
  if (columns == 3 && pixelColumn == pixelStep && (pixelStep & 2047) != 0) {
    for (; c + 16 <= bytes; c += 16) {
      let s0 = bias ? v128.load(bias + c) : f32x4.splat(0);
      let s1 = s0;
      let s2 = s0;
      let s3 = s0;
      let pixelLine = pixels + c;
      let weightLine = weights + c;
      for (let row = rows; row > 0; row--, pixelLine += pixelRow, weightLine += weightRow) {
        const w0 = v128.load(weightLine);
        const w1 = v128.load(weightLine + weightColumn);
        const w2 = v128.load(weightLine + 2 * weightColumn);
        let at = pixelLine;
        let p = v128.load(at);
        s0 = multiplyAdd(w0, p, s0);
        at += pixelStep;
        p = v128.load(at);
        s0 = multiplyAdd(w1, p, s0);
        s1 = multiplyAdd(w0, p, s1);
        at += pixelStep;
        p = v128.load(at);
        s0 = multiplyAdd(w2, p, s0);
        s1 = multiplyAdd(w1, p, s1);
        s2 = multiplyAdd(w0, p, s2);
        at += pixelStep;
        p = v128.load(at);
        s1 = multiplyAdd(w2, p, s1);
        s2 = multiplyAdd(w1, p, s2);
        s3 = multiplyAdd(w0, p, s3);
        at += pixelStep;
        p = v128.load(at);
        s2 = multiplyAdd(w2, p, s2);
        s3 = multiplyAdd(w1, p, s3);
        at += pixelStep;
        p = v128.load(at);
        s3 = multiplyAdd(w2, p, s3);
      }
      let y = to + c;
      v128.store(y, s0);
      y += toStep;
      v128.store(y, s1);
      y += toStep;
      v128.store(y, s2);
      y += toStep;
      v128.store(y, s3);
    }
  }
  for (; c + 32 <= bytes; c += 32) {
    let s00 = bias ? v128.load(bias + c) : f32x4.splat(0);
    let s01 = bias ? v128.load(bias + c, 16) : f32x4.splat(0);
    let s10 = s00;
    let s11 = s01;
    let s20 = s00;
    let s21 = s01;
    let s30 = s00;
    let s31 = s01;
    let pixelLine = pixels + c;
    let weightLine = weights + c;
    for (let row = rows; row > 0; row--, pixelLine += pixelRow, weightLine += weightRow) {
      let p0 = pixelLine;
      let w = weightLine;
      for (let column = columns; column > 0; column--, p0 += pixelColumn, w += weightColumn) {
        const p1 = p0 + pixelStep;
        const p2 = p1 + pixelStep;
        const p3 = p2 + pixelStep;
        const w0 = v128.load(w);
        const w1 = v128.load(w, 16);
        s00 = multiplyAdd(w0, v128.load(p0), s00);
        s01 = multiplyAdd(w1, v128.load(p0, 16), s01);
        s10 = multiplyAdd(w0, v128.load(p1), s10);
        s11 = multiplyAdd(w1, v128.load(p1, 16), s11);
        s20 = multiplyAdd(w0, v128.load(p2), s20);
        s21 = multiplyAdd(w1, v128.load(p2, 16), s21);
        s30 = multiplyAdd(w0, v128.load(p3), s30);
        s31 = multiplyAdd(w1, v128.load(p3, 16), s31);
      }
    }
    let y = to + c;
    v128.store(y, s00);
    v128.store(y, s01, 16);
    y += toStep;
    v128.store(y, s10);
    v128.store(y, s11, 16);
    y += toStep;
    v128.store(y, s20);
    v128.store(y, s21, 16);
    y += toStep;
    v128.store(y, s30);
    v128.store(y, s31, 16);
  }
  for (; c + 16 <= bytes; c += 16) {
    let s0 = bias ? v128.load(bias + c) : f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let pixelLine = pixels + c;
    let weightLine = weights + c;
    for (let row = rows; row > 0; row--, pixelLine += pixelRow, weightLine += weightRow) {
      let p0 = pixelLine;
      let w = weightLine;
      for (let column = columns; column > 0; column--, p0 += pixelColumn, w += weightColumn) {
        const p1 = p0 + pixelStep;
        const p2 = p1 + pixelStep;
        const p3 = p2 + pixelStep;
        const w0 = v128.load(w);
        s0 = multiplyAdd(w0, v128.load(p0), s0);
        s1 = multiplyAdd(w0, v128.load(p1), s1);
        s2 = multiplyAdd(w0, v128.load(p2), s2);
        s3 = multiplyAdd(w0, v128.load(p3), s3);
      }
    }
    let y = to + c;
    v128.store(y, s0);
    y += toStep;
    v128.store(y, s1);
    y += toStep;
    v128.store(y, s2);
    y += toStep;
    v128.store(y, s3);
  }
  if (c == bytes) return;
  for (let position = 0; position < 4; position++, pixels += pixelStep, to += toStep) {
    sumOne(r, pixels + c, weights + c, bias ? bias + c : 0, to + c, bytes - c);
  }
}

/** Computes one position. */
export function sumOne(r: Rectangle, pixels: usize, weights: usize, bias: usize, to: usize, bytes: usize): void {
  const rows = r.rows;
  const columns = r.columns;
  const pixelRow = r.pixelRow;
  const pixelColumn = r.pixelColumn;
  const weightRow = r.weightRow;
  const weightColumn = r.weightColumn;
  let c: usize = 0;
  for (; c + 64 <= bytes; c += 64) {
    let s0 = bias ? v128.load(bias + c) : f32x4.splat(0);
    let s1 = bias ? v128.load(bias + c, 16) : f32x4.splat(0);
    let s2 = bias ? v128.load(bias + c, 32) : f32x4.splat(0);
    let s3 = bias ? v128.load(bias + c, 48) : f32x4.splat(0);
    let pixelLine = pixels + c;
    let weightLine = weights + c;
    for (let row = rows; row > 0; row--, pixelLine += pixelRow, weightLine += weightRow) {
      let p = pixelLine;
      let w = weightLine;
      for (let column = columns; column > 0; column--, p += pixelColumn, w += weightColumn) {
        s0 = multiplyAdd(v128.load(p), v128.load(w), s0);
        s1 = multiplyAdd(v128.load(p, 16), v128.load(w, 16), s1);
        s2 = multiplyAdd(v128.load(p, 32), v128.load(w, 32), s2);
        s3 = multiplyAdd(v128.load(p, 48), v128.load(w, 48), s3);
      }
    }
    v128.store(to + c, s0);
    v128.store(to + c, s1, 16);
    v128.store(to + c, s2, 32);
    v128.store(to + c, s3, 48);
  }
  for (; c + 16 <= bytes; c += 16) {
    let s0 = bias ? v128.load(bias + c) : f32x4.splat(0);
    let pixelLine = pixels + c;
    let weightLine = weights + c;
    for (let row = rows; row > 0; row--, pixelLine += pixelRow, weightLine += weightRow) {
      let p = pixelLine;
      let w = weightLine;
      for (let column = columns; column > 0; column--, p += pixelColumn, w += weightColumn) {
        s0 = multiplyAdd(v128.load(p), v128.load(w), s0);
      }
    }
    v128.store(to + c, s0);
  }
  for (; c < bytes; c += 4) {
    let s0: f32 = bias ? load<f32>(bias + c) : 0;
    let pixelLine = pixels + c;
    let weightLine = weights + c;
    for (let row = rows; row > 0; row--, pixelLine += pixelRow, weightLine += weightRow) {
      let p = pixelLine;
      let w = weightLine;
      for (let column = columns; column > 0; column--, p += pixelColumn, w += weightColumn) {
        s0 += load<f32>(p) * load<f32>(w);
      }
    }
    store<f32>(to + c, s0);
  }
}

/** to[c·multiplier + m] += pixel[c] · weight[c·multiplier + m] for every tap. */
export function addMultiples(
  r: Rectangle,
  pixels: usize,
  weights: usize,
  to: usize,
  channels: i32,
  multiplier: i32,
): void {
  for (let row = r.rows; row > 0; row--, pixels += r.pixelRow, weights += r.weightRow) {
    let pixel = pixels;
    let weight = weights;
    for (let column = r.columns; column > 0; column--, pixel += r.pixelColumn, weight += r.weightColumn) {
      let p = pixel;
      let w = weight;
      let y = to;
      for (let c = 0; c < channels; c++, p += 4) {
        const value = load<f32>(p);
        for (let m = 0; m < multiplier; m++, w += 4, y += 4) store<f32>(y, load<f32>(y) + value * load<f32>(w));
      }
    }
  }
}

/** to[c] += Σ pixel[c·multiplier + m] · weight[c·multiplier + m] over m, for every tap. */
export function addOverMultiples(
  r: Rectangle,
  pixels: usize,
  weights: usize,
  to: usize,
  channels: i32,
  multiplier: i32,
): void {
  for (let row = r.rows; row > 0; row--, pixels += r.pixelRow, weights += r.weightRow) {
    let pixel = pixels;
    let weight = weights;
    for (let column = r.columns; column > 0; column--, pixel += r.pixelColumn, weight += r.weightColumn) {
      let p = pixel;
      let w = weight;
      let y = to;
      for (let c = 0; c < channels; c++, y += 4) {
        let sum: f32 = 0;
        for (let m = 0; m < multiplier; m++, p += 4, w += 4) sum += load<f32>(p) * load<f32>(w);
        store<f32>(y, load<f32>(y) + sum);
      }
    }
  }
}
