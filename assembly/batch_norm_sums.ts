/**
 * Sums of batch normalisation over [rows, channels]: in float32 over 64 rows at a time, and in float64 beyond that.
 */
import { BatchNorm } from './batch_norm_operands';

const ROWS: i32 = 64;

/**
 * Float64 sums per channel: of x, of x − centre, or of (x − centre)² if `squared`; `centre` is 0 if there is none. With
 * a `step` that is not 0, every 64 rows have sums of their own, that many bytes apart, for {@link addSums}.
 */
export function batchNormSums(
  x: usize,
  centre: usize,
  rows: i32,
  channels: i32,
  squared: bool,
  step: usize,
  sums: usize,
): void {
  const bytes = (<usize>channels) << 2;
  memory.fill(sums, 0, 2 * bytes);
  for (let first = 0; first < rows; first += ROWS, sums += step) {
    if (step) memory.fill(sums, 0, 2 * bytes);
    const count = min(rows - first, ROWS);
    if (squared) addRows(true, true, x, centre, count, bytes, sums);
    else if (centre) addRows(false, true, x, centre, count, bytes, sums);
    else addRows(false, false, x, centre, count, bytes, sums);
    x += <usize>count * bytes;
  }
}

/** Adds `blocks` lists of `count` float64 numbers, in order. */
export function addSums(lists: usize, blocks: i32, count: i32, sums: usize): void {
  const bytes = (<usize>count) << 3;
  memory.fill(sums, 0, bytes);
  for (let block = 0; block < blocks; block++, lists += bytes) {
    for (let at: usize = 0; at < bytes; at += 8) store<f64>(sums + at, load<f64>(sums + at) + load<f64>(lists + at));
  }
}

/** Summand of four values. */
@inline
function term(squared: bool, centred: bool, value: v128, centre: v128): v128 {
  const distance = centred ? f32x4.sub(value, centre) : value;
  return squared ? f32x4.mul(distance, distance) : distance;
}

/**
 * Adds Σ x, Σ (x − mean) or Σ (x − mean)² over at most 64 rows of this many bytes, inlined for each. Four independent
 * sums at a time, so that additions do not wait for each other.
 */
@inline
function addRows(squared: bool, centred: bool, x: usize, mean: usize, count: i32, bytes: usize, sums: usize): void {
  let c: usize = 0;
  for (; c + 64 <= bytes; c += 64) {
    const m0 = centred ? v128.load(mean + c) : f32x4.splat(0);
    const m1 = centred ? v128.load(mean + c, 16) : m0;
    const m2 = centred ? v128.load(mean + c, 32) : m0;
    const m3 = centred ? v128.load(mean + c, 48) : m0;
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    for (let row = 0, at = x + c; row < count; row++, at += bytes) {
      s0 = f32x4.add(s0, term(squared, centred, v128.load(at), m0));
      s1 = f32x4.add(s1, term(squared, centred, v128.load(at, 16), m1));
      s2 = f32x4.add(s2, term(squared, centred, v128.load(at, 32), m2));
      s3 = f32x4.add(s3, term(squared, centred, v128.load(at, 48), m3));
    }
    addWide(sums + 2 * c, s0);
    addWide(sums + 2 * c + 32, s1);
    addWide(sums + 2 * c + 64, s2);
    addWide(sums + 2 * c + 96, s3);
  }
  for (; c + 16 <= bytes; c += 16) {
    const m0 = centred ? v128.load(mean + c) : f32x4.splat(0);
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let at = x + c;
    let row = 0;
    for (; row + 4 <= count; row += 4, at += 4 * bytes) {
      s0 = f32x4.add(s0, term(squared, centred, v128.load(at), m0));
      s1 = f32x4.add(s1, term(squared, centred, v128.load(at + bytes), m0));
      s2 = f32x4.add(s2, term(squared, centred, v128.load(at + 2 * bytes), m0));
      s3 = f32x4.add(s3, term(squared, centred, v128.load(at + 3 * bytes), m0));
    }
    for (; row < count; row++, at += bytes) s0 = f32x4.add(s0, term(squared, centred, v128.load(at), m0));
    addWide(sums + 2 * c, f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
  }
  for (; c < bytes; c += 4) {
    let sum: f32 = 0;
    const centre: f32 = centred ? load<f32>(mean + c) : 0;
    for (let row = 0, at = x + c; row < count; row++, at += bytes) {
      const value = load<f32>(at) - centre;
      sum += squared ? value * value : value;
    }
    store<f64>(sums + 2 * c, load<f64>(sums + 2 * c) + <f64>sum);
  }
}

/**
 * Float64 sums per channel over `rows` rows from `start`, all Σ g before all Σ g·(x − mean); `step` as in
 * {@link batchNormSums}.
 */
export function batchNormGradientSums(b: BatchNorm, start: i32, rows: i32, step: usize, sums: usize): void {
  const floor = b.floor;
  const ceiling = b.ceiling;
  const mean = b.mean;
  const bytes = (<usize>b.channels) << 2;
  const offset = <usize>start * bytes;
  let x = b.x + offset;
  let y = b.y + offset;
  let dy = b.dy + offset;
  memory.fill(sums, 0, 4 * bytes);
  const low = f32x4.splat(floor);
  const high = f32x4.splat(ceiling);
  for (let first = 0; first < rows; first += ROWS, sums += step) {
    if (step) memory.fill(sums, 0, 4 * bytes);
    const products = sums + 2 * bytes;
    const count = min(rows - first, ROWS);
    let c: usize = 0;
    for (; c + 32 <= bytes; c += 32) {
      const m0 = v128.load(mean + c);
      const m1 = v128.load(mean + c, 16);
      let s0 = f32x4.splat(0);
      let s1 = s0;
      let p0 = s0;
      let p1 = s0;
      for (let row = 0, at = c; row < count; row++, at += bytes) {
        const g0 = through(v128.load(y + at), v128.load(dy + at), low, high);
        const g1 = through(v128.load(y + at, 16), v128.load(dy + at, 16), low, high);
        s0 = f32x4.add(s0, g0);
        s1 = f32x4.add(s1, g1);
        p0 = f32x4.add(p0, f32x4.mul(g0, f32x4.sub(v128.load(x + at), m0)));
        p1 = f32x4.add(p1, f32x4.mul(g1, f32x4.sub(v128.load(x + at, 16), m1)));
      }
      addWide(sums + 2 * c, s0);
      addWide(sums + 2 * c + 32, s1);
      addWide(products + 2 * c, p0);
      addWide(products + 2 * c + 32, p1);
    }
    for (; c + 16 <= bytes; c += 16) {
      const m0 = v128.load(mean + c);
      let s0 = f32x4.splat(0);
      let p0 = s0;
      for (let row = 0, at = c; row < count; row++, at += bytes) {
        const g0 = through(v128.load(y + at), v128.load(dy + at), low, high);
        s0 = f32x4.add(s0, g0);
        p0 = f32x4.add(p0, f32x4.mul(g0, f32x4.sub(v128.load(x + at), m0)));
      }
      addWide(sums + 2 * c, s0);
      addWide(products + 2 * c, p0);
    }
    for (; c < bytes; c += 4) {
      let sum: f32 = 0;
      let product: f32 = 0;
      let at = c;
      for (let row = 0; row < count; row++, at += bytes) {
        const value = load<f32>(y + at);
        const gradient: f32 = value <= floor || value >= ceiling ? 0 : load<f32>(dy + at);
        sum += gradient;
        product += gradient * (load<f32>(x + at) - load<f32>(mean + c));
      }
      store<f64>(sums + 2 * c, load<f64>(sums + 2 * c) + <f64>sum);
      store<f64>(products + 2 * c, load<f64>(products + 2 * c) + <f64>product);
    }
    const advance = <usize>count * bytes;
    x += advance;
    y += advance;
    dy += advance;
  }
}

/** Adds four float32 sums to four float64 ones. */
@inline
function addWide(at: usize, sum: v128): void {
  store<f64>(at, load<f64>(at) + <f64>f32x4.extract_lane(sum, 0));
  store<f64>(at, load<f64>(at, 8) + <f64>f32x4.extract_lane(sum, 1), 8);
  store<f64>(at, load<f64>(at, 16) + <f64>f32x4.extract_lane(sum, 2), 16);
  store<f64>(at, load<f64>(at, 24) + <f64>f32x4.extract_lane(sum, 3), 24);
}

/** The gradient, or 0 where the value is at a bound of the activation's range; NaN is not a bound. */
@inline
export function through(value: v128, gradient: v128, low: v128, high: v128): v128 {
  return v128.andnot(gradient, v128.or(f32x4.le(value, low), f32x4.ge(value, high)));
}
