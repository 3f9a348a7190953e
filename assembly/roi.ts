/**
 * Region operators: bins that are weighted sums of pixels, or the maximum of their pixels. Pixels and weights are
 * planned in TypeScript (src/ops/roi/plan.ts); here the pixels of each bin are listed once, and all channels loop over
 * that list.
 */
import { sumLanes } from './floats';

/** A plan as src/ops/roi/wasm.ts writes it. */
@unmanaged
export class RoiPlan {
  /** First entry of each line of rows or columns, and one past the last entry. */
  starts: usize;
  /** Row or column, weight and slope of each entry. */
  positions: usize;
  weights: usize;
  slopes: usize;
  bins: usize;
  binCount: i32;
  /** Channels written per bin, and distance between the channels that it reads. */
  channels: i32;
  channelStride: i32;
  /** Number of pixels in the whole batch. */
  pixels: i32;
  inWidth: i32;
  inChannels: i32;
  /** Scratch memory for the pixels of the largest bin. */
  list: usize;
}

@unmanaged
class Bin {
  rows: i32;
  columns: i32;
  /** First pixel of the image. */
  image: i32;
  firstChannel: i32;
  /** Index of the offset (y, x) of the bin. */
  offset: i32;
}

/** Entry of the pixel list. */
@unmanaged
class Pixel {
  /** Bytes from the start of the batch to the bin's first channel. */
  at: u32;
  weight: f32;
  /** ∂weight/∂offset. */
  slopeY: f32;
  slopeX: f32;
}

/** Index for "no pixel". */
const NOWHERE: u32 = 0xffffffff;

/** Size in bytes of an entry of the pixel list. */
export function roiPixelBytes(): i32 {
  return offsetof<Pixel>();
}

/** Lists the pixels of a bin in row-major order; returns the end of the list. */
@inline
function listPixels(p: RoiPlan, bin: Bin): usize {
  const rows = p.starts + ((<usize>bin.rows) << 2);
  const columns = p.starts + ((<usize>bin.columns) << 2);
  const rowEnd = load<u32>(rows, 4);
  const columnStart = load<u32>(columns);
  const columnEnd = load<u32>(columns, 4);
  let list = p.list;
  for (let row = load<u32>(rows); row < rowEnd; row++) {
    const r = (<usize>row) << 2;
    const line = <u32>bin.image + load<u32>(p.positions + r) * <u32>p.inWidth;
    const weight = load<f32>(p.weights + r);
    const slope = load<f32>(p.slopes + r);
    for (let column = columnStart; column < columnEnd; column++) {
      const c = (<usize>column) << 2;
      const pixel = changetype<Pixel>(list);
      pixel.at = ((line + load<u32>(p.positions + c)) * <u32>p.inChannels + <u32>bin.firstChannel) << 2;
      pixel.weight = weight * load<f32>(p.weights + c);
      pixel.slopeY = slope * load<f32>(p.weights + c);
      pixel.slopeX = weight * load<f32>(p.slopes + c);
      list += offsetof<Pixel>();
    }
  }
  return list;
}

/** y = Σ weight · x for every bin. */
export function roiForward(p: RoiPlan, x: usize, y: usize): void {
  const bytes = (<usize>p.channels) << 2;
  let bin = p.bins;
  for (let b = 0; b < p.binCount; b++, bin += offsetof<Bin>(), y += bytes) {
    const end = listPixels(p, changetype<Bin>(bin));
    const done = p.channelStride == 1 ? sumRuns(p, end, x, y) : 0;
    for (let c = done; c < p.channels; c++) {
      const from = x + ((<usize>(c * p.channelStride)) << 2);
      let sum: f32 = 0;
      for (let at = p.list; at < end; at += offsetof<Pixel>()) {
        const pixel = changetype<Pixel>(at);
        sum += pixel.weight * load<f32>(from + pixel.at);
      }
      store<f32>(y + ((<usize>c) << 2), sum);
    }
  }
}

/** Sums contiguous channels by sixteens, then by fours; returns the number done. */
@inline
function sumRuns(p: RoiPlan, end: usize, x: usize, y: usize): i32 {
  const zero = f32x4.splat(0);
  let c = 0;
  for (; c <= p.channels - 16; c += 16, x += 64, y += 64) {
    let sum0 = zero;
    let sum1 = zero;
    let sum2 = zero;
    let sum3 = zero;
    for (let at = p.list; at < end; at += offsetof<Pixel>()) {
      const from = x + changetype<Pixel>(at).at;
      const weight = f32x4.splat(changetype<Pixel>(at).weight);
      sum0 = f32x4.add(sum0, f32x4.mul(weight, v128.load(from)));
      sum1 = f32x4.add(sum1, f32x4.mul(weight, v128.load(from, 16)));
      sum2 = f32x4.add(sum2, f32x4.mul(weight, v128.load(from, 32)));
      sum3 = f32x4.add(sum3, f32x4.mul(weight, v128.load(from, 48)));
    }
    v128.store(y, sum0);
    v128.store(y, sum1, 16);
    v128.store(y, sum2, 32);
    v128.store(y, sum3, 48);
  }
  for (; c <= p.channels - 4; c += 4, x += 16, y += 16) {
    let sum = zero;
    for (let at = p.list; at < end; at += offsetof<Pixel>()) {
      const pixel = changetype<Pixel>(at);
      sum = f32x4.add(sum, f32x4.mul(f32x4.splat(pixel.weight), v128.load(x + pixel.at)));
    }
    v128.store(y, sum);
  }
  return c;
}

/**
 * Computes dx and, if there are offsets, doffset of `elements` floats (otherwise doffset is 0 and x is not read). Both
 * are overwritten.
 */
export function roiBackward(p: RoiPlan, x: usize, dy: usize, dx: usize, doffset: usize, elements: i32): void {
  const bytes = (<usize>p.channels) << 2;
  memory.fill(dx, 0, (<usize>p.pixels * p.inChannels) << 2);
  if (doffset) memory.fill(doffset, 0, (<usize>elements) << 2);
  let bin = p.bins;
  for (let b = 0; b < p.binCount; b++, bin += offsetof<Bin>(), dy += bytes) {
    const end = listPixels(p, changetype<Bin>(bin));
    let slopeY: f32 = 0;
    let slopeX: f32 = 0;
    for (let at = p.list; at < end; at += offsetof<Pixel>()) {
      const pixel = changetype<Pixel>(at);
      spread(p, dy, dx + pixel.at, pixel.weight);
      if (!doffset) continue;
      const product = dot(p, dy, x + pixel.at);
      slopeY += pixel.slopeY * product;
      slopeX += pixel.slopeX * product;
    }
    if (!doffset) continue;
    // Bins of one part share an offset.
    const to = doffset + ((<usize>changetype<Bin>(bin).offset) << 2);
    store<f32>(to, load<f32>(to) + slopeY);
    store<f32>(to, load<f32>(to, 4) + slopeX, 4);
  }
}

/** dx += weight · dy over the channels of a bin. */
@inline
function spread(p: RoiPlan, dy: usize, dx: usize, weight: f32): void {
  const stride = (<usize>p.channelStride) << 2;
  const end = dy + ((<usize>p.channels) << 2);
  if (stride == 4) {
    const wide = dy + ((<usize>(p.channels & ~3)) << 2);
    const weights = f32x4.splat(weight);
    for (; dy < wide; dy += 16, dx += 16) {
      v128.store(dx, f32x4.add(v128.load(dx), f32x4.mul(weights, v128.load(dy))));
    }
  }
  for (; dy < end; dy += 4, dx += stride) store<f32>(dx, load<f32>(dx) + weight * load<f32>(dy));
}

/** ⟨dy, x⟩ over the channels of a bin. */
@inline
function dot(p: RoiPlan, dy: usize, x: usize): f32 {
  const stride = (<usize>p.channelStride) << 2;
  const end = dy + ((<usize>p.channels) << 2);
  let product: f32 = 0;
  if (stride == 4) {
    const wide = dy + ((<usize>(p.channels & ~3)) << 2);
    let sum = f32x4.splat(0);
    for (; dy < wide; dy += 16, x += 16) sum = f32x4.add(sum, f32x4.mul(v128.load(dy), v128.load(x)));
    product = sumLanes(sum);
  }
  for (; dy < end; dy += 4, x += stride) product += load<f32>(dy) * load<f32>(x);
  return product;
}

/** y = maximum of x in every bin, 0 for a bin without pixels. NaN is skipped. Channels are contiguous. */
export function roiMaximumForward(p: RoiPlan, x: usize, y: usize): void {
  let bin = p.bins;
  for (let b = 0; b < p.binCount; b++, bin += offsetof<Bin>()) {
    const end = listPixels(p, changetype<Bin>(bin));
    const lowest: f32 = end == p.list ? 0 : <f32>-Infinity;
    let from = x;
    let c = 0;
    for (; c <= p.channels - 4; c += 4, from += 16, y += 16) {
      let best = f32x4.splat(lowest);
      for (let at = p.list; at < end; at += offsetof<Pixel>()) {
        best = f32x4.pmax(best, v128.load(from + changetype<Pixel>(at).at));
      }
      v128.store(y, best);
    }
    for (; c < p.channels; c++, from += 4, y += 4) {
      let best = lowest;
      for (let at = p.list; at < end; at += offsetof<Pixel>()) {
        const value = load<f32>(from + changetype<Pixel>(at).at);
        if (value > best) best = value;
      }
      store<f32>(y, best);
    }
  }
}

/** Computes dx, which is overwritten: adds dy at the maximum of a bin, the first of equal ones. */
export function roiMaximumBackward(p: RoiPlan, x: usize, dy: usize, dx: usize): void {
  memory.fill(dx, 0, (<usize>p.pixels * p.inChannels) << 2);
  let bin = p.bins;
  for (let b = 0; b < p.binCount; b++, bin += offsetof<Bin>()) {
    const end = listPixels(p, changetype<Bin>(bin));
    let channel: usize = 0;
    let c = 0;
    for (; c <= p.channels - 4; c += 4, channel += 16, dy += 16) {
      let best = f32x4.splat(-Infinity);
      let maximum = i32x4.splat(NOWHERE);
      for (let at = p.list; at < end; at += offsetof<Pixel>()) {
        const pixel = changetype<Pixel>(at);
        const value = v128.load(x + channel + pixel.at);
        const larger = f32x4.lt(best, value);
        best = v128.bitselect(value, best, larger);
        maximum = v128.bitselect(i32x4.splat(pixel.at), maximum, larger);
      }
      addAt(i32x4.extract_lane(maximum, 0), dx + channel, dy);
      addAt(i32x4.extract_lane(maximum, 1), dx + channel + 4, dy + 4);
      addAt(i32x4.extract_lane(maximum, 2), dx + channel + 8, dy + 8);
      addAt(i32x4.extract_lane(maximum, 3), dx + channel + 12, dy + 12);
    }
    for (; c < p.channels; c++, channel += 4, dy += 4) {
      let best: f32 = -Infinity;
      let maximum = NOWHERE;
      for (let at = p.list; at < end; at += offsetof<Pixel>()) {
        const pixel = changetype<Pixel>(at);
        const value = load<f32>(x + channel + pixel.at);
        if (value > best) {
          best = value;
          maximum = pixel.at;
        }
      }
      addAt(maximum, dx + channel, dy);
    }
  }
}

/** dx += dy at a pixel, if there is one. */
@inline
function addAt(at: u32, dx: usize, dy: usize): void {
  if (at == NOWHERE) return;
  store<f32>(dx + at, load<f32>(dx + at) + load<f32>(dy));
}
