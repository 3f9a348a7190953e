/**
 * Plain convolution with many narrow groups, without columns: packing would cost more than matrix products as small as
 * theirs. As in a depthwise convolution (depthwise.ts), the taps that reach a position form a rectangle, and four
 * positions of a row reached by the same taps are summed at once. The input gradient is a convolution of this kind too.
 */
import { finishRows } from './bias';
import { Axis, describeBackward, describeForward, spanBytes, spanOf } from './depthwise_axis';
import { Rectangle } from './depthwise_sums';
import { pack, packTransposed } from './gemm';
import { Geometry, groupInOf, groupOutOf, tapsOf } from './geometry';
import { multiplyAdd } from './multiply_add';

/** Taps · channels of a group up to which its weights stay in the L1 cache: 16 KiB for 8 results. */
const MOST_DEPTH: i32 = 512;

/** Tests whether the functions below should run a plain convolution; groups must fill whole vectors. */
export function isNarrow(g: Geometry): bool {
  const groupIn = groupInOf(g);
  const groupOut = groupOutOf(g);
  return (
    g.groups > 1 &&
    g.offsetGroups == 0 &&
    ((groupIn | groupOut) & 3) == 0 &&
    tapsOf(g) * max(groupIn, groupOut) <= MOST_DEPTH
  );
}

/** Scratch memory in bytes for both functions below. */
export function narrowScratch(g: Geometry): u64 {
  const spans = spanBytes(max(g.inHeight, g.outHeight)) + spanBytes(max(g.inWidth, g.outWidth));
  return spansAt(g, 0) + spans;
}

/** y = activation(convolution of x with filter + bias); bias is 0 if there is none. */
export function narrowForward(g: Geometry, x: usize, filter: usize, bias: usize, y: usize, scratch: usize): void {
  const groupIn = groupInOf(g);
  const groupOut = groupOutOf(g);
  let to = <usize>panelsAt(scratch);
  for (let group = 0; group < g.groups; group++) {
    for (let tap = 0; tap < tapsOf(g); tap++, to += (<usize>(groupIn * groupOut)) << 2) {
      const from = filter + ((<usize>(tap * groupIn * g.outChannels + group * groupOut)) << 2);
      pack(from, g.outChannels, groupIn, groupOut, to);
    }
  }
  describeForward(g, rowsAt(scratch), columnsAt(scratch), <usize>spansAt(g, scratch));
  slide(g, x, groupIn, y, groupOut, bias, g.activation, scratch);
}

/** Computes dx from dy and filter. */
export function narrowBackwardInput(g: Geometry, dy: usize, filter: usize, dx: usize, scratch: usize): void {
  const groupIn = groupInOf(g);
  const groupOut = groupOutOf(g);
  let to = <usize>panelsAt(scratch);
  for (let group = 0; group < g.groups; group++) {
    for (let tap = 0; tap < tapsOf(g); tap++, to += (<usize>(groupIn * groupOut)) << 2) {
      const from = filter + ((<usize>(tap * groupIn * g.outChannels + group * groupOut)) << 2);
      packTransposed(from, g.outChannels, groupOut, groupIn, to);
    }
  }
  describeBackward(g, rowsAt(scratch), columnsAt(scratch), <usize>spansAt(g, scratch));
  slide(g, dy, groupOut, dx, groupIn, 0, 0, scratch);
}

@inline
function rowsAt(scratch: usize): Axis {
  return changetype<Axis>(scratch);
}

@inline
function columnsAt(scratch: usize): Axis {
  return changetype<Axis>(scratch + offsetof<Axis>());
}

@inline
function rectangleAt(scratch: usize): Rectangle {
  return changetype<Rectangle>(scratch + 2 * offsetof<Axis>());
}

/** Packs the weights: for each group and tap panels of 8 results, and one of 4 if 4 are left. */
@inline
function panelsAt(scratch: u64): u64 {
  return scratch + ((2 * offsetof<Axis>() + offsetof<Rectangle>() + 15) & ~15);
}

@inline
function spansAt(g: Geometry, scratch: u64): u64 {
  return panelsAt(scratch) + ((<u64>(tapsOf(g) * groupInOf(g)) * g.outChannels) << 2);
}

/** Computes every position of `to` from the positions of `from` that its taps read; channel counts are per group. */
function slide(
  g: Geometry,
  from: usize,
  fromGroup: i32,
  to: usize,
  toGroup: i32,
  bias: usize,
  activation: i32,
  scratch: usize,
): void {
  const rows = rowsAt(scratch);
  const columns = columnsAt(scratch);
  const r = rectangleAt(scratch);
  const panels = <usize>panelsAt(scratch);
  const fromPixel = (<usize>(fromGroup * g.groups)) << 2;
  const toPixel = (<usize>(toGroup * g.groups)) << 2;
  const tap = (<usize>(fromGroup * toGroup)) << 2;
  r.pixelRow = <usize>(rows.pixelStep * columns.size) * fromPixel;
  r.pixelColumn = <usize>columns.pixelStep * fromPixel;
  r.weightRow = <usize>(rows.tapStep * g.kernelWidth) * tap;
  r.weightColumn = <usize>columns.tapStep * tap;
  const groupWeights = <usize>tapsOf(g) * tap;
  const pixelStep = <usize>columns.advance * fromPixel;
  const toStep = <usize>columns.apart * toPixel;
  for (let n = 0; n < g.batch; n++) {
    for (let y = 0; y < rows.positions; y++, to += <usize>columns.positions * toPixel) {
      const row = spanOf(rows, y);
      r.rows = row.count;
      const line = from + <usize>((n * rows.size + row.pixel) * columns.size) * fromPixel;
      for (let phase = 0; phase < min(columns.apart, columns.positions); phase++) {
        let x = phase;
        while (x < columns.positions) {
          const span = spanOf(columns, x);
          r.columns = span.count;
          const weights = panels + <usize>(row.tap * g.kernelWidth + span.tap) * tap;
          const pixels = line + <usize>span.pixel * fromPixel;
          const at = to + <usize>x * toPixel;
          const run = span.run;
          sumRun(g, r, run, pixels, pixelStep, fromGroup, weights, groupWeights, at, toStep, toGroup);
          x += run * columns.apart;
        }
      }
      finishRows(to, bias, columns.positions, toGroup * g.groups, activation);
    }
  }
}

/**
 * Computes a run of positions that the same taps reach: four at a time, and for these all groups, whose channels share
 * the cache lines of a pixel.
 */
function sumRun(
  g: Geometry,
  r: Rectangle,
  run: i32,
  pixels: usize,
  pixelStep: usize,
  fromGroup: i32,
  weights: usize,
  groupWeights: usize,
  to: usize,
  toStep: usize,
  toGroup: i32,
): void {
  const fromBytes = (<usize>fromGroup) << 2;
  const toBytes = (<usize>toGroup) << 2;
  let done = 0;
  while (done < run) {
    const alone = run < 4 || done == run - 1;
    // The last four may overlap the previous ones: recomputing a position is cheaper than computing it alone.
    const first = <usize>(alone ? done : min(done, run - 4));
    let image = pixels + first * pixelStep;
    let at = to + first * toStep;
    let groupWeight = weights;
    for (let group = 0; group < g.groups; group++) {
      let weight = groupWeight;
      for (let c: usize = 0; c < toBytes; c += 32, weight += fromBytes << 3) {
        const wide = toBytes - c >= 32;
        if (alone) {
          one4(r, image, weight, wide ? 32 : 16, at + c, fromGroup);
          if (wide) one4(r, image, weight + 16, 32, at + c + 16, fromGroup);
        } else if (wide) {
          four8(r, image, pixelStep, weight, at + c, toStep, fromGroup);
        } else {
          four4(r, image, pixelStep, weight, at + c, toStep, fromGroup);
        }
      }
      image += fromBytes;
      at += toBytes;
      groupWeight += groupWeights;
    }
    done = alone ? done + 1 : <i32>first + 4;
  }
}

/**
 * Four positions by 8 results, over all taps of the rectangle and the `depth` channels of the group. There is a branch
 * after every two channels for the same reason as in kernel4x8 (gemm.ts): as one block of four channels they took twice
 * as long.
 */
function four8(
  r: Rectangle,
  pixels: usize,
  pixelStep: usize,
  weights: usize,
  to: usize,
  toStep: usize,
  depth: i32,
): void {
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
function four4(
  r: Rectangle,
  pixels: usize,
  pixelStep: usize,
  weights: usize,
  to: usize,
  toStep: usize,
  depth: i32,
): void {
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

/** One position by 4 results; each of four channels has its own sum, so that additions do not wait for each other. */
function one4(r: Rectangle, pixels: usize, weights: usize, weightStep: usize, to: usize, depth: i32): void {
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
