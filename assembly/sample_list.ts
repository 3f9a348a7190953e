/**
 * Samples of one position inside the image, as short entries, so that sums over them stay in registers for a block of
 * channels: a channel needs only the four corners of a sample and their weights, mask included.
 */
import { Geometry, tapsOf } from './geometry';
import { multiplyAdd } from './multiply_add';
import { Sample } from './samples';

@unmanaged
class Entry {
  /** Byte offset of each corner's pixel in the batch. */
  at0: u32;
  at1: u32;
  at2: u32;
  at3: u32;
  weight0: f32;
  weight1: f32;
  weight2: f32;
  weight3: f32;
  /** Byte offset of the tap in the filter. */
  filter: u32;
}

/** Size in bytes of the longest list. */
export function listBytes(g: Geometry): u64 {
  return <u64>tapsOf(g) * offsetof<Entry>();
}

/** Lists the samples of one offset group from their plan; returns the end of the list. */
@inline
export function listSamples(plan: usize, taps: i32, tapBytes: u32, list: usize): usize {
  let filter: u32 = 0;
  for (let tap = 0; tap < taps; tap++, plan += offsetof<Sample>(), filter += tapBytes) {
    const s = changetype<Sample>(plan);
    if (!s.inside) continue;
    const entry = changetype<Entry>(list);
    v128.store(list, v128.load(plan, offsetof<Sample>('at0')), offsetof<Entry>('at0'));
    const weights = f32x4.mul(v128.load(plan, offsetof<Sample>('weight0')), f32x4.splat(s.modulation));
    v128.store(list, weights, offsetof<Entry>('weight0'));
    entry.filter = filter;
    list += offsetof<Entry>();
  }
  return list;
}

/**
 * y[c] = bias[c] + Σ sample[c] · filter[tap, c] over the list, for channels of this many bytes; bias is 0 if there is
 * none.
 */
export function sumSamples(
  list: usize,
  end: usize,
  x: usize,
  filter: usize,
  bias: usize,
  y: usize,
  bytes: usize,
): void {
  let c: usize = 0;
  for (; c + 64 <= bytes; c += 64) {
    let s0 = bias ? v128.load(bias + c) : f32x4.splat(0);
    let s1 = bias ? v128.load(bias + c, 16) : f32x4.splat(0);
    let s2 = bias ? v128.load(bias + c, 32) : f32x4.splat(0);
    let s3 = bias ? v128.load(bias + c, 48) : f32x4.splat(0);
    const image = x + c;
    const weights = filter + c;
    for (let at = list; at < end; at += offsetof<Entry>()) {
      const entry = changetype<Entry>(at);
      const p0 = image + entry.at0;
      const p1 = image + entry.at1;
      const p2 = image + entry.at2;
      const p3 = image + entry.at3;
      const f0 = v128.load_splat<f32>(at, offsetof<Entry>('weight0'));
      const f1 = v128.load_splat<f32>(at, offsetof<Entry>('weight1'));
      const f2 = v128.load_splat<f32>(at, offsetof<Entry>('weight2'));
      const f3 = v128.load_splat<f32>(at, offsetof<Entry>('weight3'));
      const w = weights + entry.filter;
      let upper = multiplyAdd(f1, v128.load(p1), f32x4.mul(f0, v128.load(p0)));
      let lower = multiplyAdd(f3, v128.load(p3), f32x4.mul(f2, v128.load(p2)));
      s0 = multiplyAdd(f32x4.add(upper, lower), v128.load(w), s0);
      upper = multiplyAdd(f1, v128.load(p1, 16), f32x4.mul(f0, v128.load(p0, 16)));
      lower = multiplyAdd(f3, v128.load(p3, 16), f32x4.mul(f2, v128.load(p2, 16)));
      s1 = multiplyAdd(f32x4.add(upper, lower), v128.load(w, 16), s1);
      upper = multiplyAdd(f1, v128.load(p1, 32), f32x4.mul(f0, v128.load(p0, 32)));
      lower = multiplyAdd(f3, v128.load(p3, 32), f32x4.mul(f2, v128.load(p2, 32)));
      s2 = multiplyAdd(f32x4.add(upper, lower), v128.load(w, 32), s2);
      upper = multiplyAdd(f1, v128.load(p1, 48), f32x4.mul(f0, v128.load(p0, 48)));
      lower = multiplyAdd(f3, v128.load(p3, 48), f32x4.mul(f2, v128.load(p2, 48)));
      s3 = multiplyAdd(f32x4.add(upper, lower), v128.load(w, 48), s3);
    }
    v128.store(y + c, s0);
    v128.store(y + c, s1, 16);
    v128.store(y + c, s2, 32);
    v128.store(y + c, s3, 48);
  }
  for (; c + 16 <= bytes; c += 16) {
    let s0 = bias ? v128.load(bias + c) : f32x4.splat(0);
    const image = x + c;
    for (let at = list; at < end; at += offsetof<Entry>()) {
      const entry = changetype<Entry>(at);
      const f0 = v128.load_splat<f32>(at, offsetof<Entry>('weight0'));
      const f1 = v128.load_splat<f32>(at, offsetof<Entry>('weight1'));
      const f2 = v128.load_splat<f32>(at, offsetof<Entry>('weight2'));
      const f3 = v128.load_splat<f32>(at, offsetof<Entry>('weight3'));
      const upper = multiplyAdd(f1, v128.load(image + entry.at1), f32x4.mul(f0, v128.load(image + entry.at0)));
      const lower = multiplyAdd(f3, v128.load(image + entry.at3), f32x4.mul(f2, v128.load(image + entry.at2)));
      s0 = multiplyAdd(f32x4.add(upper, lower), v128.load(filter + c + entry.filter), s0);
    }
    v128.store(y + c, s0);
  }
  for (; c < bytes; c += 4) {
    let sum: f32 = bias ? load<f32>(bias + c) : 0;
    const image = x + c;
    for (let at = list; at < end; at += offsetof<Entry>()) {
      const entry = changetype<Entry>(at);
      const upper = entry.weight0 * load<f32>(image + entry.at0) + entry.weight1 * load<f32>(image + entry.at1);
      const lower = entry.weight2 * load<f32>(image + entry.at2) + entry.weight3 * load<f32>(image + entry.at3);
      sum += (upper + lower) * load<f32>(filter + c + entry.filter);
    }
    store<f32>(y + c, sum);
  }
}
