/** Runs of floats: copy, clear, add. Most runs are short, so these are loops rather than calls to the engine. */

@inline
export function copyFloats(from: usize, to: usize, count: i32): void {
  const end = to + ((<usize>count) << 2);
  const wide = to + ((<usize>(count & ~3)) << 2);
  for (; to < wide; to += 16, from += 16) v128.store(to, v128.load(from));
  for (; to < end; to += 4, from += 4) store<f32>(to, load<f32>(from));
}

@inline
export function clearFloats(at: usize, count: i32): void {
  const zero = f32x4.splat(0);
  const end = at + ((<usize>count) << 2);
  const wide = at + ((<usize>(count & ~3)) << 2);
  for (; at < wide; at += 16) v128.store(at, zero);
  for (; at < end; at += 4) store<f32>(at, 0);
}

@inline
export function addFloats(from: usize, to: usize, count: i32): void {
  const end = to + ((<usize>count) << 2);
  const wide = to + ((<usize>(count & ~3)) << 2);
  for (; to < wide; to += 16, from += 16) v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
  for (; to < end; to += 4, from += 4) store<f32>(to, load<f32>(to) + load<f32>(from));
}

export function hasNaN(at: usize, count: i32): bool {
  const end = at + ((<usize>count) << 2);
  const wide = at + ((<usize>(count & ~3)) << 2);
  for (; at < wide; at += 16) {
    const values = v128.load(at);
    if (v128.any_true(f32x4.ne(values, values))) return true;
  }
  for (; at < end; at += 4) {
    if (isNaN(load<f32>(at))) return true;
  }
  return false;
}

/** Sum of the four lanes, pairwise. */
@inline
export function sumLanes(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 2) + (f32x4.extract_lane(v, 1) + f32x4.extract_lane(v, 3));
}
