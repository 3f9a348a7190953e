/** Activations that clamp to a range, and their gradients. */

/** y = x clamped to [floor, ceiling]; NaN stays NaN. */
export function activationForward(x: usize, y: usize, count: i32, floor: f32, ceiling: f32): void {
  const bytes = (<usize>count) << 2;
  const wide = (<usize>(count & ~3)) << 2;
  const low = f32x4.splat(floor);
  const high = f32x4.splat(ceiling);
  let i: usize = 0;
  for (; i < wide; i += 16) v128.store(y + i, f32x4.min(f32x4.max(v128.load(x + i), low), high));
  for (; i < bytes; i += 4) store<f32>(y + i, min<f32>(max<f32>(load<f32>(x + i), floor), ceiling));
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
