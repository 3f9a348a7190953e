/** Clipping of gradients by value and by norm. */

/** Adds the squares of `count` values to the float64 at `sum`, or replaces it by them if `keeps` is 0. */
export function addSquares(x: usize, count: i32, sum: usize, keeps: i32): void {
  const bytes = (<usize>count) << 2;
  const wide = (<usize>(count & ~3)) << 2;
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  let i: usize = 0;
  for (; i < wide; i += 16) {
    const values = v128.load(x + i);
    const first = f64x2.promote_low_f32x4(values);
    const second = f64x2.promote_low_f32x4(v128.shuffle<i64>(values, values, 1, 1));
    low = f64x2.add(low, f64x2.mul(first, first));
    high = f64x2.add(high, f64x2.mul(second, second));
  }
  const lanes = f64x2.add(low, high);
  let total = f64x2.extract_lane(lanes, 0) + f64x2.extract_lane(lanes, 1);
  for (; i < bytes; i += 4) {
    const value = <f64>load<f32>(x + i);
    total += value * value;
  }
  store<f64>(sum, keeps == 0 ? total : load<f64>(sum) + total);
}

/** y = x · limit / max(√sum, limit) over `count` values. */
export function clipByNorm(x: usize, y: usize, count: i32, sum: usize, limit: f32): void {
  const bytes = (<usize>count) << 2;
  const wide = (<usize>(count & ~3)) << 2;
  const most = <f64>limit;
  const scale = <f32>(most / Math.max(Math.sqrt(load<f64>(sum)), most));
  const vScale = f32x4.splat(scale);
  let i: usize = 0;
  for (; i < wide; i += 16) v128.store(y + i, f32x4.mul(v128.load(x + i), vScale));
  for (; i < bytes; i += 4) store<f32>(y + i, load<f32>(x + i) * scale);
}

/** y = min(max(x, −limit), limit) over `count` values. */
export function clipByValue(x: usize, y: usize, count: i32, limit: f32): void {
  const bytes = (<usize>count) << 2;
  const wide = (<usize>(count & ~3)) << 2;
  const vMost = f32x4.splat(limit);
  const vLeast = f32x4.splat(-limit);
  let i: usize = 0;
  for (; i < wide; i += 16) v128.store(y + i, f32x4.min(f32x4.max(v128.load(x + i), vLeast), vMost));
  for (; i < bytes; i += 4) store<f32>(y + i, min(max(load<f32>(x + i), -limit), limit));
}
