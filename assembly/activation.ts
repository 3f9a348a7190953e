/** Activations that clamp to a range, and their gradients. */

/** Clamps four values; NaN stays NaN. One instruction each: `min` and `max` of WebAssembly take ten. */
@inline
export function clamp4(value: v128, low: v128, high: v128): v128 {
  return f32x4.pmin(f32x4.pmax(value, low), high);
}

/** The same for one value. */
@inline
export function clamp(value: f32, floor: f32, ceiling: f32): f32 {
  return value < floor ? floor : value > ceiling ? ceiling : value;
}

/** y = x clamped to [floor, ceiling]; NaN stays NaN. */
export function activationForward(x: usize, y: usize, count: i32, floor: f32, ceiling: f32): void {
  const bytes = (<usize>count) << 2;
  const wide = (<usize>(count & ~3)) << 2;
  const low = f32x4.splat(floor);
  const high = f32x4.splat(ceiling);
  let i: usize = 0;
  for (; i < wide; i += 16) v128.store(y + i, clamp4(v128.load(x + i), low, high));
  for (; i < bytes; i += 4) store<f32>(y + i, clamp(load<f32>(x + i), floor, ceiling));
}

/** dx = dy, or 0 where y is at a bound of the range. */
export function activationBackward(dy: usize, y: usize, dx: usize, count: i32, floor: f32, ceiling: f32): void {
  const bytes = (<usize>count) << 2;
  const wide = (<usize>(count & ~3)) << 2;
  const low = f32x4.splat(floor);
  const high = f32x4.splat(ceiling);
  let i: usize = 0;
  for (; i < wide; i += 16) {
    const value = v128.load(y + i);
    const stopped = v128.or(f32x4.le(value, low), f32x4.ge(value, high));
    v128.store(dx + i, v128.andnot(v128.load(dy + i), stopped));
  }
  for (; i < bytes; i += 4) {
    const value = load<f32>(y + i);
    store<f32>(dx + i, value <= floor || value >= ceiling ? 0 : load<f32>(dy + i));
  }
}
