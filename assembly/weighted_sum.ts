/** result = a · weightA + b · weightB over `count` values. */
export function weightedSum(a: usize, b: usize, result: usize, count: i32, weightA: f32, weightB: f32): void {
  const bytes = (<usize>count) << 2;
  const wide = (<usize>(count & ~3)) << 2;
  const vWeightA = f32x4.splat(weightA);
  const vWeightB = f32x4.splat(weightB);
  let i: usize = 0;
  for (; i < wide; i += 16) {
    v128.store(result + i, f32x4.add(f32x4.mul(v128.load(a + i), vWeightA), f32x4.mul(v128.load(b + i), vWeightB)));
  }
  for (; i < bytes; i += 4) store<f32>(result + i, load<f32>(a + i) * weightA + load<f32>(b + i) * weightB);
}
