/** Softmax of short rows: the weights of deformable taps. */

/** e^x for x ≤ 0 with an error of about 1e-7; 0 if the result would be subnormal, NaN for NaN. */
@inline
function exponentials(x: v128): v128 {
  const least = f32x4.splat(-87.33);
  const clamped = f32x4.max(x, least);
  // x = n · ln 2 + r with |r| ≤ ln 2 / 2, where ln 2 is split in two parts so that n times the first is exact.
  const n = f32x4.nearest(f32x4.mul(clamped, f32x4.splat(1.4426950408889634)));
  let r = f32x4.sub(clamped, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-0.00021219444005469057)));
  // Taylor series; the next term is below 1e-8.
  let sum = f32x4.splat(1.0 / 5040);
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1.0 / 720));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1.0 / 120));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1.0 / 24));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1.0 / 6));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(0.5));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1));
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return v128.andnot(f32x4.mul(sum, power), f32x4.lt(x, least));
}

/**
 * Computes the softmax of every row of logits, in rows of `taps` weights. If `middle` is below `taps`, rows of logits
 * lack that tap, which gets weight 0.
 */
export function softmaxTaps(logits: usize, rows: i32, taps: i32, middle: i32, weights: usize): void {
  const bytes = (<usize>taps) << 2;
  const hole = (<usize>middle) << 2;
  const given = hole < bytes ? bytes - 4 : bytes;
  const end = weights + <usize>rows * bytes;
  for (let row = weights; row < end; row += bytes, logits += given) {
    let largest: f32 = -Infinity;
    for (let i: usize = 0; i < given; i += 4) {
      const value = load<f32>(logits + i);
      largest = value > largest ? value : largest;
    }
    let from = logits;
    for (let i: usize = 0; i < bytes; i += 4) {
      if (i === hole) {
        store<f32>(row + i, 0);
      } else {
        store<f32>(row + i, load<f32>(from) - largest);
        from += 4;
      }
    }
  }
  // All rows at once: most are only a few vectors long.
  const wide = weights + ((end - weights) & ~15);
  let at = weights;
  for (; at < wide; at += 16) v128.store(at, exponentials(v128.load(at)));
  for (; at < end; at += 4) store<f32>(at, f32x4.extract_lane(exponentials(v128.load32_splat(at)), 0));
  for (let row = weights; row < end; row += bytes) {
    if (hole < bytes) store<f32>(row + hole, 0);
    let sum: f32 = 0;
    for (let i: usize = 0; i < bytes; i += 4) sum += load<f32>(row + i);
    for (let i: usize = 0; i < bytes; i += 4) {
      if (i !== hole) store<f32>(row + i, load<f32>(row + i) / sum);
    }
  }
}
