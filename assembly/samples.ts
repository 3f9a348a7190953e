/**
 * Sampling locations of a deformable convolution, and the bilinear gather and scatter at them.
 *
 * A sample is planned once for all channels of its offset group: four corners, their weights, and the weights' slopes.
 * Dai et al., "Deformable Convolutional Networks" (2017), equations 2 to 4 and 7.
 */
import { columnStride, Tile } from './columns';
import { clearFloats, sumLanes } from './floats';
import { Geometry, groupInOf, tapsOf } from './geometry';
import { multiplyAdd } from './multiply_add';
import { Operands } from './operands';

/** One planned sample. A corner outside the image has weight and slopes 0, and the address of one inside. */
@unmanaged
export class Sample {
  /** Byte offset of each corner's pixel in the batch: top left, top right, bottom left, bottom right. */
  at0: u32;
  at1: u32;
  at2: u32;
  at3: u32;
  weight0: f32;
  weight1: f32;
  weight2: f32;
  weight3: f32;
  /** ∂weight/∂y. */
  slopeY0: f32;
  slopeY1: f32;
  slopeY2: f32;
  slopeY3: f32;
  /** ∂weight/∂x. */
  slopeX0: f32;
  slopeX1: f32;
  slopeX2: f32;
  slopeX3: f32;
  modulation: f32;
  /** 0 if the sample lies outside the image. */
  inside: i32;
}

/** Size in bytes of the plan of one output position. */
export function planBytes(g: Geometry): u64 {
  return <u64>(g.offsetGroups * tapsOf(g)) * offsetof<Sample>();
}

/**
 * Plans all samples of one output position; returns true if one lies outside the image. `mask` is 0 if there is none.
 */
export function planPosition(g: Geometry, offset: usize, mask: usize, n: i32, oy: i32, ox: i32, plan: usize): bool {
  const taps = tapsOf(g);
  const pixel = g.inChannels << 2;
  const position = (n * g.outHeight + oy) * g.outWidth + ox;
  offset += (<usize>(position * g.offsetGroups * taps)) << 3;
  if (mask) mask += (<usize>(position * g.offsetGroups * taps)) << 2;
  // Lanes are (y, x, y, x) throughout, until they are combined to the four corners.
  const zero = i32x4.splat(0);
  const one = f32x4.splat(1);
  const minusOne = f32x4.splat(-1);
  const last = lanes(g.inHeight - 1, g.inWidth - 1);
  const size = f32x4.convert_i32x4_s(lanes(g.inHeight, g.inWidth));
  const bytes = lanes(g.inWidth * pixel, pixel);
  const start = i32x4.splat(n * g.inHeight * g.inWidth * pixel);
  const right = f32x4.convert_i32x4_s(lanes(0, g.dilationWidth));
  let unread = false;
  for (let group = 0; group < g.offsetGroups; group++) {
    let top = oy * g.strideHeight - g.padTop;
    for (let ky = 0; ky < g.kernelHeight; ky++, top += g.dilationHeight) {
      let tap = f32x4.convert_i32x4_s(lanes(top, ox * g.strideWidth - g.padLeft));
      for (let kx = 0; kx < g.kernelWidth; kx++, tap = f32x4.add(tap, right)) {
        const s = changetype<Sample>(plan);
        // Taps lie on whole pixels, so only the offset has a fraction. It is taken before anything is added, so it
        // keeps its precision however far from the origin the tap is. Sums of integers are exact near the image.
        const shift = v128.load64_splat(offset);
        const floor = f32x4.floor(shift);
        const fraction = f32x4.sub(shift, floor);
        const at = f32x4.add(tap, floor);
        // −1 < position < size on both axes. False for NaN too, so that no index is ever formed from one.
        const barely = v128.and(f32x4.eq(at, minusOne), f32x4.gt(fraction, zero));
        const inside = v128.and(v128.or(f32x4.ge(at, zero), barely), f32x4.lt(at, size));
        s.modulation = mask ? load<f32>(mask) : 1;
        if (mask) mask += 4;
        offset += 8;
        plan += offsetof<Sample>();
        if (!i32x4.all_true(inside)) {
          s.inside = 0;
          unread = true;
          continue;
        }
        s.inside = 1;
        const before = i32x4.trunc_sat_f32x4_s(at);
        const after = i32x4.add(before, i32x4.splat(1));
        // For both rows and both columns of corners: true if inside the image, and its position, or the nearest one
        // inside.
        const hasBefore = i32x4.ge_s(before, zero);
        const hasAfter = i32x4.le_s(after, last);
        const near = i32x4.mul(i32x4.max_s(before, zero), bytes);
        const far = i32x4.mul(i32x4.min_s(after, last), bytes);
        v128.store(changetype<usize>(s), i32x4.add(start, i32x4.add(ofRows(near, far), ofColumns(near, far))));
        const nearWeight = v128.and(hasBefore, f32x4.sub(one, fraction));
        const farWeight = v128.and(hasAfter, fraction);
        const rows = ofRows(nearWeight, farWeight);
        const columns = ofColumns(nearWeight, farWeight);
        const falling = v128.and(hasBefore, minusOne);
        const rising = v128.and(hasAfter, one);
        v128.store(changetype<usize>(s), f32x4.mul(rows, columns), offsetof<Sample>('weight0'));
        v128.store(changetype<usize>(s), f32x4.mul(ofRows(falling, rising), columns), offsetof<Sample>('slopeY0'));
        v128.store(changetype<usize>(s), f32x4.mul(rows, ofColumns(falling, rising)), offsetof<Sample>('slopeX0'));
      }
    }
  }
  return unread;
}

/** (y, x, y, x). */
@inline
function lanes(y: i32, x: i32): v128 {
  return i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(y), 1, x), 3, x);
}

/**
 * Row component of each corner (top left, top right, bottom left, bottom right), from the near and far values of both
 * axes.
 */
@inline
function ofRows(near: v128, far: v128): v128 {
  return v128.shuffle<f32>(near, far, 0, 0, 4, 4);
}

/** Column component of each corner. */
@inline
function ofColumns(near: v128, far: v128): v128 {
  return v128.shuffle<f32>(near, far, 1, 5, 1, 5);
}

/**
 * Channels that share one offset group and one convolution group: the unit of the loops below. The two groupings are
 * independent, so neither needs to divide the other.
 */
@inline
function chunkOf(g: Geometry): i32 {
  let a = g.inChannels / g.offsetGroups;
  let b = groupInOf(g);
  while (b != 0) {
    const rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

/** Fills the columns of a tile with mask · sample, for the taps that it needs, and sets its flags. */
export function gatherSamples(o: Operands, tile: Tile): void {
  const g = o.geometry;
  const x = o.x;
  const offset = o.offset;
  const mask = o.mask;
  const first = tile.first;
  const count = tile.count;
  const block = tile.block;
  const plan = tile.plan;
  const flags = tile.flags;
  const taps = tapsOf(g);
  const groupIn = groupInOf(g);
  const firstTap = tile.top / max(groupIn, 1);
  const endTap = (tile.bottom + groupIn - 1) / max(groupIn, 1);
  let columns = tile.columns;
  const offsetIn = g.inChannels / g.offsetGroups;
  const chunk = chunkOf(g);
  const rowBytes = (<usize>columnStride(g)) << 2;
  for (let row = 0; row < count; row++, columns += rowBytes) {
    const position = first + row;
    const line = position / g.outWidth;
    const n = line / g.outHeight;
    const unread = planPosition(g, offset, mask, n, line - n * g.outHeight, position - line * g.outWidth, plan);
    store<u8>(flags + row, unread ? 1 : 0);
    for (let offsetGroup = 0; offsetGroup < g.offsetGroups; offsetGroup++) {
      let at = plan + <usize>(offsetGroup * taps + firstTap) * offsetof<Sample>();
      for (let tap = firstTap; tap < endTap; tap++, at += offsetof<Sample>()) {
        const s = changetype<Sample>(at);
        for (let c = offsetGroup * offsetIn; c < (offsetGroup + 1) * offsetIn; c += chunk) {
          const group = c / groupIn;
          const to = columns + ((<usize>(group * block + tap * groupIn + c - group * groupIn)) << 2);
          if (s.inside) blend(s, x + ((<usize>c) << 2), to, chunk);
          else clearFloats(to, chunk);
        }
      }
    }
  }
}

/** Tests whether one of `count` flags is set. */
export function hasFlag(flags: usize, count: i32): bool {
  for (let row = 0; row < count; row++) {
    if (load<u8>(flags + row)) return true;
  }
  return false;
}

/** mask · Σ weight · corner for `count` channels. */
@inline
function blend(s: Sample, x: usize, to: usize, count: i32): void {
  const f0 = s.weight0 * s.modulation;
  const f1 = s.weight1 * s.modulation;
  const f2 = s.weight2 * s.modulation;
  const f3 = s.weight3 * s.modulation;
  const v0 = f32x4.splat(f0);
  const v1 = f32x4.splat(f1);
  const v2 = f32x4.splat(f2);
  const v3 = f32x4.splat(f3);
  let p0 = x + s.at0;
  let p1 = x + s.at1;
  let p2 = x + s.at2;
  let p3 = x + s.at3;
  const end = to + ((<usize>count) << 2);
  const wide = to + ((<usize>(count & ~3)) << 2);
  for (; to < wide; to += 16, p0 += 16, p1 += 16, p2 += 16, p3 += 16) {
    const upper = multiplyAdd(v1, v128.load(p1), f32x4.mul(v0, v128.load(p0)));
    const lower = multiplyAdd(v3, v128.load(p3), f32x4.mul(v2, v128.load(p2)));
    v128.store(to, f32x4.add(upper, lower));
  }
  for (; to < end; to += 4, p0 += 4, p1 += 4, p2 += 4, p3 += 4) {
    store<f32>(to, f0 * load<f32>(p0) + f1 * load<f32>(p1) + (f2 * load<f32>(p2) + f3 * load<f32>(p3)));
  }
}

/** From the gradient of the columns of a tile: adds to dx, and writes doffset and, if there is a mask, dmask. */
export function scatterSamples(o: Operands, tile: Tile): void {
  const g = o.geometry;
  const x = o.x;
  const offset = o.offset;
  const mask = o.mask;
  const dx = o.dx;
  const doffset = o.doffset;
  const dmask = o.dmask;
  const first = tile.first;
  const count = tile.count;
  const block = tile.block;
  const plan = tile.plan;
  let columns = tile.columns;
  const taps = tapsOf(g);
  const groupIn = groupInOf(g);
  const offsetIn = g.inChannels / g.offsetGroups;
  const chunk = chunkOf(g);
  const rowBytes = (<usize>columnStride(g)) << 2;
  for (let row = 0; row < count; row++, columns += rowBytes) {
    const position = first + row;
    const line = position / g.outWidth;
    const n = line / g.outHeight;
    planPosition(g, offset, mask, n, line - n * g.outHeight, position - line * g.outWidth, plan);
    let at = plan;
    let index = <usize>(position * g.offsetGroups * taps);
    for (let offsetGroup = 0; offsetGroup < g.offsetGroups; offsetGroup++) {
      for (let tap = 0; tap < taps; tap++, at += offsetof<Sample>(), index++) {
        const s = changetype<Sample>(at);
        const dyAt = doffset + (index << 3);
        if (!s.inside) {
          store<u64>(dyAt, 0);
          if (mask) store<f32>(dmask + (index << 2), 0);
          continue;
        }
        // ⟨column gradient, corner⟩ over the channels: the gradients of mask and offsets follow from these four sums.
        let dot0: f32 = 0;
        let dot1: f32 = 0;
        let dot2: f32 = 0;
        let dot3: f32 = 0;
        const f0 = s.weight0 * s.modulation;
        const f1 = s.weight1 * s.modulation;
        const f2 = s.weight2 * s.modulation;
        const f3 = s.weight3 * s.modulation;
        const v0 = f32x4.splat(f0);
        const v1 = f32x4.splat(f1);
        const v2 = f32x4.splat(f2);
        const v3 = f32x4.splat(f3);
        let sum0 = f32x4.splat(0);
        let sum1 = sum0;
        let sum2 = sum0;
        let sum3 = sum0;
        for (let c = offsetGroup * offsetIn; c < (offsetGroup + 1) * offsetIn; c += chunk) {
          const group = c / groupIn;
          let from = columns + ((<usize>(group * block + tap * groupIn + c - group * groupIn)) << 2);
          const base = (<usize>c) << 2;
          let p0 = base + s.at0;
          let p1 = base + s.at1;
          let p2 = base + s.at2;
          let p3 = base + s.at3;
          const end = from + ((<usize>chunk) << 2);
          const wide = from + ((<usize>(chunk & ~3)) << 2);
          // Corners may share a pixel (those outside do), so each is read, updated and written in turn.
          for (; from < wide; from += 16, p0 += 16, p1 += 16, p2 += 16, p3 += 16) {
            const gradient = v128.load(from);
            sum0 = multiplyAdd(gradient, v128.load(x + p0), sum0);
            sum1 = multiplyAdd(gradient, v128.load(x + p1), sum1);
            sum2 = multiplyAdd(gradient, v128.load(x + p2), sum2);
            sum3 = multiplyAdd(gradient, v128.load(x + p3), sum3);
            v128.store(dx + p0, multiplyAdd(gradient, v0, v128.load(dx + p0)));
            v128.store(dx + p1, multiplyAdd(gradient, v1, v128.load(dx + p1)));
            v128.store(dx + p2, multiplyAdd(gradient, v2, v128.load(dx + p2)));
            v128.store(dx + p3, multiplyAdd(gradient, v3, v128.load(dx + p3)));
          }
          for (; from < end; from += 4, p0 += 4, p1 += 4, p2 += 4, p3 += 4) {
            const gradient = load<f32>(from);
            dot0 += gradient * load<f32>(x + p0);
            dot1 += gradient * load<f32>(x + p1);
            dot2 += gradient * load<f32>(x + p2);
            dot3 += gradient * load<f32>(x + p3);
            store<f32>(dx + p0, load<f32>(dx + p0) + gradient * f0);
            store<f32>(dx + p1, load<f32>(dx + p1) + gradient * f1);
            store<f32>(dx + p2, load<f32>(dx + p2) + gradient * f2);
            store<f32>(dx + p3, load<f32>(dx + p3) + gradient * f3);
          }
        }
        dot0 += sumLanes(sum0);
        dot1 += sumLanes(sum1);
        dot2 += sumLanes(sum2);
        dot3 += sumLanes(sum3);
        writeSampleGradient(s, corners(dot0, dot1, dot2, dot3), dyAt, mask ? dmask + (index << 2) : 0);
      }
    }
  }
}

/** One number for each corner of a sample. */
@inline
export function corners(first: f32, second: f32, third: f32, fourth: f32): v128 {
  const upper = f32x4.replace_lane(f32x4.splat(first), 1, second);
  return f32x4.replace_lane(f32x4.replace_lane(upper, 2, third), 3, fourth);
}

/** Computes doffset and dmask of one sample from the dot products of its corners. */
@inline
export function writeSampleGradient(s: Sample, dots: v128, doffset: usize, dmask: usize): void {
  const dot0 = f32x4.extract_lane(dots, 0);
  const dot1 = f32x4.extract_lane(dots, 1);
  const dot2 = f32x4.extract_lane(dots, 2);
  const dot3 = f32x4.extract_lane(dots, 3);
  const y = s.slopeY0 * dot0 + s.slopeY1 * dot1 + s.slopeY2 * dot2 + s.slopeY3 * dot3;
  const x = s.slopeX0 * dot0 + s.slopeX1 * dot1 + s.slopeX2 * dot2 + s.slopeX3 * dot3;
  store<f32>(doffset, s.modulation * y);
  store<f32>(doffset, s.modulation * x, 4);
  if (dmask) store<f32>(dmask, s.weight0 * dot0 + s.weight1 * dot1 + s.weight2 * dot2 + s.weight3 * dot3);
}
