/**
 * Depthwise deformable convolution: sampled and summed in one pass, without columns. Sampling dominates the cost, so
 * all channels of an offset group share the plan of a position. Output channel c·multiplier + m.
 */
import { clearFloats, copyFloats, sumLanes } from './floats';
import { Geometry, tapsOf } from './geometry';
import { multiplyAdd } from './multiply_add';
import { Operands } from './operands';
import { listBytes, listSamples, sumSamples } from './sample_list';
import { corners, planBytes, planPosition, Sample, writeSampleGradient } from './samples';

/** Scratch memory in bytes for the three functions below. */
export function deformDepthwiseScratch(g: Geometry): f64 {
  return <f64>(planBytes(g) + listBytes(g));
}

/** Computes y, plus bias. */
export function deformDepthwiseForward(o: Operands): void {
  const g = o.geometry;
  const x = o.x;
  const offset = o.offset;
  const mask = o.mask;
  const filter = o.filter;
  const bias = o.bias;
  const scratch = o.scratch;
  let y = o.y;
  const taps = tapsOf(g);
  const multiplier = g.outChannels / g.inChannels;
  const outPixel = (<usize>g.outChannels) << 2;
  const part = g.inChannels / g.offsetGroups;
  for (let n = 0; n < g.batch; n++) {
    for (let oy = 0; oy < g.outHeight; oy++) {
      for (let ox = 0; ox < g.outWidth; ox++, y += outPixel) {
        planPosition(g, offset, mask, n, oy, ox, scratch);
        let plan = scratch;
        if (multiplier == 1) {
          const list = scratch + <usize>planBytes(g);
          const bytes = (<usize>part) << 2;
          for (let first: usize = 0; first < outPixel; first += bytes, plan += taps * offsetof<Sample>()) {
            const end = listSamples(plan, taps, <u32>outPixel, list);
            sumSamples(list, end, x + first, filter + first, bias ? bias + first : 0, y + first, bytes);
          }
          continue;
        }
        if (bias) copyFloats(bias, y, g.outChannels);
        else clearFloats(y, g.outChannels);
        for (let group = 0; group < g.offsetGroups; group++) {
          const first = group * part;
          for (let tap = 0; tap < taps; tap++, plan += offsetof<Sample>()) {
            const s = changetype<Sample>(plan);
            if (!s.inside) continue;
            const weights = filter + ((<usize>((tap * g.inChannels + first) * multiplier)) << 2);
            const sums = y + ((<usize>(first * multiplier)) << 2);
            addSample(s, x + ((<usize>first) << 2), weights, sums, part, multiplier);
          }
        }
      }
    }
  }
}

/** sums[c·multiplier + m] += mask · Σ weight · corner[c] · filter[c·multiplier + m] for `count` channels. */
@inline
function addSample(s: Sample, x: usize, filter: usize, sums: usize, count: i32, multiplier: i32): void {
  const f0 = s.weight0 * s.modulation;
  const f1 = s.weight1 * s.modulation;
  const f2 = s.weight2 * s.modulation;
  const f3 = s.weight3 * s.modulation;
  let p0 = x + s.at0;
  let p1 = x + s.at1;
  let p2 = x + s.at2;
  let p3 = x + s.at3;
  const end = p0 + ((<usize>count) << 2);
  if (multiplier == 1) {
    const v0 = f32x4.splat(f0);
    const v1 = f32x4.splat(f1);
    const v2 = f32x4.splat(f2);
    const v3 = f32x4.splat(f3);
    const wide = p0 + ((<usize>(count & ~3)) << 2);
    for (; p0 < wide; p0 += 16, p1 += 16, p2 += 16, p3 += 16, filter += 16, sums += 16) {
      const upper = multiplyAdd(v1, v128.load(p1), f32x4.mul(v0, v128.load(p0)));
      const lower = multiplyAdd(v3, v128.load(p3), f32x4.mul(v2, v128.load(p2)));
      const product = f32x4.mul(f32x4.add(upper, lower), v128.load(filter));
      v128.store(sums, f32x4.add(v128.load(sums), product));
    }
  }
  for (; p0 < end; p0 += 4, p1 += 4, p2 += 4, p3 += 4) {
    const value = f0 * load<f32>(p0) + f1 * load<f32>(p1) + (f2 * load<f32>(p2) + f3 * load<f32>(p3));
    for (let m = 0; m < multiplier; m++, filter += 4, sums += 4) {
      store<f32>(sums, load<f32>(sums) + value * load<f32>(filter));
    }
  }
}

/** Computes dx, doffset and, if there is a mask, dmask; all are overwritten. */
export function deformDepthwiseBackwardData(o: Operands): void {
  const g = o.geometry;
  const x = o.x;
  const offset = o.offset;
  const mask = o.mask;
  const filter = o.filter;
  const dx = o.dx;
  const scratch = o.scratch;
  let dy = o.dy;
  let doffset = o.doffset;
  let dmask = o.dmask;
  const taps = tapsOf(g);
  const multiplier = g.outChannels / g.inChannels;
  const outPixel = (<usize>g.outChannels) << 2;
  const part = g.inChannels / g.offsetGroups;
  memory.fill(dx, 0, (<usize>(g.batch * g.inHeight * g.inWidth) * g.inChannels) << 2);
  for (let n = 0; n < g.batch; n++) {
    for (let oy = 0; oy < g.outHeight; oy++) {
      for (let ox = 0; ox < g.outWidth; ox++, dy += outPixel) {
        planPosition(g, offset, mask, n, oy, ox, scratch);
        let plan = scratch;
        for (let group = 0; group < g.offsetGroups; group++) {
          const first = group * part;
          const base = (<usize>first) << 2;
          const upstream = dy + ((<usize>(first * multiplier)) << 2);
          for (let tap = 0; tap < taps; tap++, plan += offsetof<Sample>()) {
            const s = changetype<Sample>(plan);
            if (s.inside) {
              const weights = filter + ((<usize>((tap * g.inChannels + first) * multiplier)) << 2);
              const dots = scatterSample(s, x + base, dx + base, weights, upstream, part, multiplier);
              writeSampleGradient(s, dots, doffset, mask ? dmask : 0);
            } else {
              store<u64>(doffset, 0);
              if (mask) store<f32>(dmask, 0);
            }
            doffset += 8;
            if (mask) dmask += 4;
          }
        }
      }
    }
  }
}

/** Adds the gradient of one sample to dx; returns ⟨gradient, corner⟩ over `count` channels for each corner. */
@inline
function scatterSample(s: Sample, x: usize, dx: usize, filter: usize, dy: usize, count: i32, multiplier: i32): v128 {
  const f0 = s.weight0 * s.modulation;
  const f1 = s.weight1 * s.modulation;
  const f2 = s.weight2 * s.modulation;
  const f3 = s.weight3 * s.modulation;
  let p0 = <usize>s.at0;
  let p1 = <usize>s.at1;
  let p2 = <usize>s.at2;
  let p3 = <usize>s.at3;
  let sum0 = f32x4.splat(0);
  let sum1 = sum0;
  let sum2 = sum0;
  let sum3 = sum0;
  const end = p0 + ((<usize>count) << 2);
  if (multiplier == 1) {
    const v0 = f32x4.splat(f0);
    const v1 = f32x4.splat(f1);
    const v2 = f32x4.splat(f2);
    const v3 = f32x4.splat(f3);
    const wide = p0 + ((<usize>(count & ~3)) << 2);
    // Corners may share a pixel (those outside do), so each is read, updated and written in turn.
    for (; p0 < wide; p0 += 16, p1 += 16, p2 += 16, p3 += 16, filter += 16, dy += 16) {
      const gradient = f32x4.mul(v128.load(dy), v128.load(filter));
      sum0 = multiplyAdd(gradient, v128.load(x + p0), sum0);
      sum1 = multiplyAdd(gradient, v128.load(x + p1), sum1);
      sum2 = multiplyAdd(gradient, v128.load(x + p2), sum2);
      sum3 = multiplyAdd(gradient, v128.load(x + p3), sum3);
      v128.store(dx + p0, multiplyAdd(gradient, v0, v128.load(dx + p0)));
      v128.store(dx + p1, multiplyAdd(gradient, v1, v128.load(dx + p1)));
      v128.store(dx + p2, multiplyAdd(gradient, v2, v128.load(dx + p2)));
      v128.store(dx + p3, multiplyAdd(gradient, v3, v128.load(dx + p3)));
    }
  }
  let dot0 = sumLanes(sum0);
  let dot1 = sumLanes(sum1);
  let dot2 = sumLanes(sum2);
  let dot3 = sumLanes(sum3);
  for (; p0 < end; p0 += 4, p1 += 4, p2 += 4, p3 += 4) {
    let gradient: f32 = 0;
    for (let m = 0; m < multiplier; m++, filter += 4, dy += 4) gradient += load<f32>(dy) * load<f32>(filter);
    dot0 += gradient * load<f32>(x + p0);
    dot1 += gradient * load<f32>(x + p1);
    dot2 += gradient * load<f32>(x + p2);
    dot3 += gradient * load<f32>(x + p3);
    store<f32>(dx + p0, load<f32>(dx + p0) + gradient * f0);
    store<f32>(dx + p1, load<f32>(dx + p1) + gradient * f1);
    store<f32>(dx + p2, load<f32>(dx + p2) + gradient * f2);
    store<f32>(dx + p3, load<f32>(dx + p3) + gradient * f3);
  }
  return corners(dot0, dot1, dot2, dot3);
}

/**
 * Computes the taps of dfilter that belong to part `part` of `parts`; they are overwritten. The sums of a weight do not
 * depend on the number of parts.
 */
export function deformDepthwiseBackwardFilter(o: Operands, part: i32, parts: i32): void {
  const g = o.geometry;
  const x = o.x;
  const offset = o.offset;
  const mask = o.mask;
  const dfilter = o.dfilter;
  const scratch = o.scratch;
  let dy = o.dy;
  const taps = tapsOf(g);
  const firstTap = (taps * part) / parts;
  const endTap = (taps * (part + 1)) / parts;
  const multiplier = g.outChannels / g.inChannels;
  const outPixel = (<usize>g.outChannels) << 2;
  const groupIn = g.inChannels / g.offsetGroups;
  memory.fill(dfilter + <usize>firstTap * outPixel, 0, <usize>(endTap - firstTap) * outPixel);
  for (let n = 0; n < g.batch; n++) {
    for (let oy = 0; oy < g.outHeight; oy++) {
      for (let ox = 0; ox < g.outWidth; ox++, dy += outPixel) {
        planPosition(g, offset, mask, n, oy, ox, scratch);
        for (let group = 0; group < g.offsetGroups; group++) {
          const first = group * groupIn;
          const upstream = dy + ((<usize>(first * multiplier)) << 2);
          let plan = scratch + <usize>(group * taps + firstTap) * offsetof<Sample>();
          for (let tap = firstTap; tap < endTap; tap++, plan += offsetof<Sample>()) {
            const s = changetype<Sample>(plan);
            if (!s.inside) continue;
            const weights = dfilter + ((<usize>((tap * g.inChannels + first) * multiplier)) << 2);
            // The same sum as forward, with dy in place of the filter, and dfilter in place of the output.
            addSample(s, x + ((<usize>first) << 2), upstream, weights, groupIn, multiplier);
          }
        }
      }
    }
  }
}
