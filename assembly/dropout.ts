/**
 * Dropout: a mask of random bits, and its application.
 *
 * Philox4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011. Four counters at a time,
 * one in each lane.
 */

const MULTIPLIER_0: i32 = <i32>0xd2511f53;
const MULTIPLIER_1: i32 = <i32>0xcd9e8d57;
const WEYL_0: i32 = <i32>0x9e3779b9;
const WEYL_1: i32 = <i32>0xbb67ae85;
const ROUNDS = 10;

/** Upper halves of the products of unsigned words. */
@inline
function multiplyHigh(a: v128, b: v128): v128 {
  const low = i64x2.extmul_low_i32x4_u(a, b);
  const high = i64x2.extmul_high_i32x4_u(a, b);
  return v128.shuffle<i32>(low, high, 1, 3, 5, 7);
}

/**
 * Writes the mask of `count` elements, and of those up to the next multiple of 16: all bits set where an element is kept.
 * The first one has the counter `block`.
 */
export function dropoutNoise(noise: usize, block: i32, count: i32, key0: i32, key1: i32, threshold: i32): void {
  const end = noise + ((<usize>count) << 2);
  const limit = i32x4.splat(threshold);
  const multiplier0 = i32x4.splat(MULTIPLIER_0);
  const multiplier1 = i32x4.splat(MULTIPLIER_1);
  for (; noise < end; noise += 64, block += 4) {
    let c0 = i32x4.add(i32x4.splat(block), i32x4(0, 1, 2, 3));
    let c1 = i32x4.splat(0);
    let c2 = i32x4.splat(0);
    let c3 = i32x4.splat(0);
    let k0 = key0;
    let k1 = key1;
    for (let round = 0; round < ROUNDS; round++) {
      const high0 = multiplyHigh(c0, multiplier0);
      const low0 = i32x4.mul(c0, multiplier0);
      const high1 = multiplyHigh(c2, multiplier1);
      const low1 = i32x4.mul(c2, multiplier1);
      c0 = v128.xor(v128.xor(high1, c1), i32x4.splat(k0));
      c1 = low1;
      c2 = v128.xor(v128.xor(high0, c3), i32x4.splat(k1));
      c3 = low0;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
    c0 = i32x4.ge_u(c0, limit);
    c1 = i32x4.ge_u(c1, limit);
    c2 = i32x4.ge_u(c2, limit);
    c3 = i32x4.ge_u(c3, limit);
    // Lanes hold counters, memory the words of one counter side by side.
    const first01 = v128.shuffle<i32>(c0, c1, 0, 4, 1, 5);
    const first23 = v128.shuffle<i32>(c2, c3, 0, 4, 1, 5);
    const last01 = v128.shuffle<i32>(c0, c1, 2, 6, 3, 7);
    const last23 = v128.shuffle<i32>(c2, c3, 2, 6, 3, 7);
    v128.store(noise, v128.shuffle<i64>(first01, first23, 0, 2));
    v128.store(noise, v128.shuffle<i64>(first01, first23, 1, 3), 16);
    v128.store(noise, v128.shuffle<i64>(last01, last23, 0, 2), 32);
    v128.store(noise, v128.shuffle<i64>(last01, last23, 1, 3), 48);
  }
}

/** y = x · scale where the mask is set, else 0, over `count` elements with a mask each. */
export function dropoutApply(x: usize, noise: usize, y: usize, count: i32, scale: f32): void {
  const bytes = (<usize>count) << 2;
  const wide = (<usize>(count & ~3)) << 2;
  const factor = f32x4.splat(scale);
  let i: usize = 0;
  for (; i < wide; i += 16) {
    v128.store(y + i, v128.and(f32x4.mul(v128.load(x + i), factor), v128.load(noise + i)));
  }
  for (; i < bytes; i += 4) store<f32>(y + i, load<i32>(noise + i) != 0 ? load<f32>(x + i) * scale : 0);
}

/** y = x · scale, or 0, over `count` elements that share a mask. */
@inline
function applyShared(x: usize, isKept: bool, y: usize, count: i32, scale: f32): void {
  const bytes = (<usize>count) << 2;
  const wide = (<usize>(count & ~3)) << 2;
  const factor = f32x4.splat(scale);
  const mask = i32x4.splat(isKept ? -1 : 0);
  let i: usize = 0;
  for (; i < wide; i += 16) v128.store(y + i, v128.and(f32x4.mul(v128.load(x + i), factor), mask));
  for (; i < bytes; i += 4) store<f32>(y + i, isKept ? load<f32>(x + i) * scale : 0);
}

/**
 * The same for a mask that some axes share, in runs along the innermost axis.
 *
 * @param axes lengths of all axes, outermost first, then the distance in the mask between neighbours on each: 0 where shared
 */
export function dropoutApplyShared(
  x: usize,
  noise: usize,
  y: usize,
  count: i32,
  axes: usize,
  rank: i32,
  scale: f32,
): void {
  const steps = axes + ((<usize>rank) << 2);
  const inner = (<usize>(rank - 1)) << 2;
  const length = load<i32>(axes + inner);
  const isShared = load<i32>(steps + inner) == 0;
  const bytes = (<usize>length) << 2;
  const runs = count / length;
  for (let run = 0; run < runs; run++, x += bytes, y += bytes) {
    let at = noise;
    let rest = run;
    for (let axis = inner; axis > 0; axis -= 4) {
      const size = load<i32>(axes + axis - 4);
      at += (<usize>((rest % size) * load<i32>(steps + axis - 4))) << 2;
      rest /= size;
    }
    if (isShared) applyShared(x, load<i32>(at) != 0, y, length, scale);
    else dropoutApply(x, at, y, length, scale);
  }
}
