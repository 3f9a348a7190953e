/**
 * Depthwise convolution without columns. For every pixel a list of the taps that are inside is made, then all channels
 * run over that list: borders, strides and dilations cost nothing in the inner loop.
 */
import { Geometry, tapsOf } from './geometry';

/** A list entry: byte address of a pixel, byte address of a tap's weights. */
const ENTRY: usize = 8;

/** Bytes of scratch memory that any of the three functions below needs. */
export function depthwiseScratch(g: Geometry): i32 {
  return tapsOf(g) * <i32>ENTRY;
}

/** y = depthwise convolution of x with filter, plus bias (0 where there is none). */
export function depthwiseForward(g: Geometry, x: usize, filter: usize, bias: usize, y: usize, scratch: usize): void {
  const multiplier = g.outChannels / g.inChannels;
  const outPixel = (<usize>g.outChannels) << 2;
  for (let n = 0; n < g.batch; n++) {
    for (let oy = 0; oy < g.outHeight; oy++) {
      for (let ox = 0; ox < g.outWidth; ox++, y += outPixel) {
        const end = listInputs(g, x, filter, n, oy, ox, scratch);
        if (multiplier == 1) sumOfProducts(scratch, end, bias, y, g.outChannels);
        else sumOfMultiples(scratch, end, bias, y, g.inChannels, multiplier);
      }
    }
  }
}

/** dx from dy: each input pixel gathers from the outputs whose taps read it. */
export function depthwiseBackwardInput(g: Geometry, dy: usize, filter: usize, dx: usize, scratch: usize): void {
  const multiplier = g.outChannels / g.inChannels;
  const inPixel = (<usize>g.inChannels) << 2;
  for (let n = 0; n < g.batch; n++) {
    for (let iy = 0; iy < g.inHeight; iy++) {
      for (let ix = 0; ix < g.inWidth; ix++, dx += inPixel) {
        const end = listOutputs(g, dy, filter, n, iy, ix, scratch);
        if (multiplier == 1) sumOfProducts(scratch, end, 0, dx, g.inChannels);
        else sumOverMultiples(scratch, end, dx, g.inChannels, multiplier);
      }
    }
  }
}

/** dfilter from x and dy. */
export function depthwiseBackwardFilter(g: Geometry, x: usize, dy: usize, dfilter: usize, scratch: usize): void {
  const multiplier = g.outChannels / g.inChannels;
  const outPixel = (<usize>g.outChannels) << 2;
  memory.fill(dfilter, 0, <usize>tapsOf(g) * outPixel);
  for (let n = 0; n < g.batch; n++) {
    for (let oy = 0; oy < g.outHeight; oy++) {
      for (let ox = 0; ox < g.outWidth; ox++, dy += outPixel) {
        const end = listInputs(g, x, dfilter, n, oy, ox, scratch);
        if (multiplier == 1) addProducts(scratch, end, dy, g.outChannels);
        else addMultiples(scratch, end, dy, g.inChannels, multiplier);
      }
    }
  }
}

/** Lists (input pixel, tap weights) of one output position; returns the end of the list. */
@inline
function listInputs(g: Geometry, x: usize, filter: usize, n: i32, oy: i32, ox: i32, list: usize): usize {
  const pixel = (<usize>g.inChannels) << 2;
  const tap = (<usize>g.outChannels) << 2;
  const left = ox * g.strideWidth - g.padLeft;
  let iy = oy * g.strideHeight - g.padTop;
  for (let ky = 0; ky < g.kernelHeight; ky++, iy += g.dilationHeight) {
    if (<u32>iy >= <u32>g.inHeight) continue;
    const row = x + <usize>((n * g.inHeight + iy) * g.inWidth) * pixel;
    let weights = filter + <usize>(ky * g.kernelWidth) * tap;
    let ix = left;
    for (let kx = 0; kx < g.kernelWidth; kx++, ix += g.dilationWidth, weights += tap) {
      if (<u32>ix >= <u32>g.inWidth) continue;
      store<u32>(list, <u32>(row + <usize>ix * pixel));
      store<u32>(list, <u32>weights, 4);
      list += ENTRY;
    }
  }
  return list;
}

/** Lists (output pixel, tap weights) of one input pixel; returns the end of the list. */
@inline
function listOutputs(g: Geometry, dy: usize, filter: usize, n: i32, iy: i32, ix: i32, list: usize): usize {
  const pixel = (<usize>g.outChannels) << 2;
  for (let ky = 0; ky < g.kernelHeight; ky++) {
    const fromTop = iy + g.padTop - ky * g.dilationHeight;
    if (fromTop < 0) break;
    const oy = fromTop / g.strideHeight;
    if (oy * g.strideHeight != fromTop || oy >= g.outHeight) continue;
    const row = dy + <usize>((n * g.outHeight + oy) * g.outWidth) * pixel;
    for (let kx = 0; kx < g.kernelWidth; kx++) {
      const fromLeft = ix + g.padLeft - kx * g.dilationWidth;
      if (fromLeft < 0) break;
      const ox = fromLeft / g.strideWidth;
      if (ox * g.strideWidth != fromLeft || ox >= g.outWidth) continue;
      store<u32>(list, <u32>(row + <usize>ox * pixel));
      store<u32>(list, <u32>(filter + <usize>(ky * g.kernelWidth + kx) * pixel), 4);
      list += ENTRY;
    }
  }
  return list;
}

/** to[c] = bias[c] + Σ pixel[c] · weight[c] over the list. */
@inline
function sumOfProducts(list: usize, end: usize, bias: usize, to: usize, channels: i32): void {
  const bytes = (<usize>channels) << 2;
  let c: usize = 0;
  for (; c + 64 <= bytes; c += 64) {
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    if (bias) {
      s0 = v128.load(bias + c);
      s1 = v128.load(bias + c, 16);
      s2 = v128.load(bias + c, 32);
      s3 = v128.load(bias + c, 48);
    }
    for (let entry = list; entry < end; entry += ENTRY) {
      const p = <usize>load<u32>(entry) + c;
      const w = <usize>load<u32>(entry, 4) + c;
      s0 = f32x4.add(s0, f32x4.mul(v128.load(p), v128.load(w)));
      s1 = f32x4.add(s1, f32x4.mul(v128.load(p, 16), v128.load(w, 16)));
      s2 = f32x4.add(s2, f32x4.mul(v128.load(p, 32), v128.load(w, 32)));
      s3 = f32x4.add(s3, f32x4.mul(v128.load(p, 48), v128.load(w, 48)));
    }
    v128.store(to + c, s0);
    v128.store(to + c, s1, 16);
    v128.store(to + c, s2, 32);
    v128.store(to + c, s3, 48);
  }
  for (; c + 16 <= bytes; c += 16) {
    let s0 = bias ? v128.load(bias + c) : f32x4.splat(0);
    for (let entry = list; entry < end; entry += ENTRY) {
      const p = v128.load(<usize>load<u32>(entry) + c);
      s0 = f32x4.add(s0, f32x4.mul(p, v128.load(<usize>load<u32>(entry, 4) + c)));
    }
    v128.store(to + c, s0);
  }
  for (; c < bytes; c += 4) {
    let s0: f32 = bias ? load<f32>(bias + c) : 0;
    for (let entry = list; entry < end; entry += ENTRY) {
      s0 += load<f32>(<usize>load<u32>(entry) + c) * load<f32>(<usize>load<u32>(entry, 4) + c);
    }
    store<f32>(to + c, s0);
  }
}

/** to[c·multiplier + m] = bias[c·multiplier + m] + Σ pixel[c] · weight[c·multiplier + m] over the list. */
function sumOfMultiples(list: usize, end: usize, bias: usize, to: usize, channels: i32, multiplier: i32): void {
  let at: usize = 0;
  for (let c = 0; c < channels; c++) {
    for (let m = 0; m < multiplier; m++, at += 4) {
      let sum: f32 = bias ? load<f32>(bias + at) : 0;
      for (let entry = list; entry < end; entry += ENTRY) {
        sum += load<f32>(<usize>load<u32>(entry) + ((<usize>c) << 2)) * load<f32>(<usize>load<u32>(entry, 4) + at);
      }
      store<f32>(to + at, sum);
    }
  }
}

/** to[c] = Σ pixel[c·multiplier + m] · weight[c·multiplier + m] over the list and m. */
function sumOverMultiples(list: usize, end: usize, to: usize, channels: i32, multiplier: i32): void {
  let at: usize = 0;
  for (let c = 0; c < channels; c++, at += (<usize>multiplier) << 2) {
    let sum: f32 = 0;
    for (let entry = list; entry < end; entry += ENTRY) {
      const p = <usize>load<u32>(entry) + at;
      const w = <usize>load<u32>(entry, 4) + at;
      for (let m: usize = 0; m < (<usize>multiplier) << 2; m += 4) sum += load<f32>(p + m) * load<f32>(w + m);
    }
    store<f32>(to + ((<usize>c) << 2), sum);
  }
}

/** weight[c] += pixel[c] · dy[c] for every entry of the list. */
@inline
function addProducts(list: usize, end: usize, dy: usize, channels: i32): void {
  const bytes = (<usize>channels) << 2;
  let c: usize = 0;
  for (; c + 64 <= bytes; c += 64) {
    const g0 = v128.load(dy + c);
    const g1 = v128.load(dy + c, 16);
    const g2 = v128.load(dy + c, 32);
    const g3 = v128.load(dy + c, 48);
    for (let entry = list; entry < end; entry += ENTRY) {
      const p = <usize>load<u32>(entry) + c;
      const w = <usize>load<u32>(entry, 4) + c;
      v128.store(w, f32x4.add(v128.load(w), f32x4.mul(v128.load(p), g0)));
      v128.store(w, f32x4.add(v128.load(w, 16), f32x4.mul(v128.load(p, 16), g1)), 16);
      v128.store(w, f32x4.add(v128.load(w, 32), f32x4.mul(v128.load(p, 32), g2)), 32);
      v128.store(w, f32x4.add(v128.load(w, 48), f32x4.mul(v128.load(p, 48), g3)), 48);
    }
  }
  for (; c + 16 <= bytes; c += 16) {
    const g0 = v128.load(dy + c);
    for (let entry = list; entry < end; entry += ENTRY) {
      const w = <usize>load<u32>(entry, 4) + c;
      v128.store(w, f32x4.add(v128.load(w), f32x4.mul(v128.load(<usize>load<u32>(entry) + c), g0)));
    }
  }
  for (; c < bytes; c += 4) {
    const g0 = load<f32>(dy + c);
    for (let entry = list; entry < end; entry += ENTRY) {
      const w = <usize>load<u32>(entry, 4) + c;
      store<f32>(w, load<f32>(w) + load<f32>(<usize>load<u32>(entry) + c) * g0);
    }
  }
}

/** weight[c·multiplier + m] += pixel[c] · dy[c·multiplier + m] for every entry of the list. */
function addMultiples(list: usize, end: usize, dy: usize, channels: i32, multiplier: i32): void {
  for (let entry = list; entry < end; entry += ENTRY) {
    let p = <usize>load<u32>(entry);
    let w = <usize>load<u32>(entry, 4);
    let g = dy;
    for (let c = 0; c < channels; c++, p += 4) {
      const value = load<f32>(p);
      for (let m = 0; m < multiplier; m++, w += 4, g += 4) store<f32>(w, load<f32>(w) + value * load<f32>(g));
    }
  }
}
