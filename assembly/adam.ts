/** A variable that Adam updates, as written by src/ops/adam_updates/wasm.ts: addresses of arrays of equal length. */
@unmanaged
export class AdamVariable {
  value: usize;
  gradient: usize;
  firstMoment: usize;
  secondMoment: usize;
  newValue: usize;
  newFirstMoment: usize;
  newSecondMoment: usize;
  /**
   * Rate, beta1, beta2, 1 − beta1, 1 − beta2, epsilon and the factor of the value, with the bias corrections folded into
   * rate and epsilon. They are not part of the structure, since they change from step to step.
   */
  parameters: usize;
}

/** One Adam step for `count` values from `start`. */
export function adamUpdate(variable: AdamVariable, start: i32, count: i32): void {
  const offset = (<usize>start) << 2;
  const value = variable.value + offset;
  const gradient = variable.gradient + offset;
  const first = variable.firstMoment + offset;
  const second = variable.secondMoment + offset;
  const newValue = variable.newValue + offset;
  const newFirst = variable.newFirstMoment + offset;
  const newSecond = variable.newSecondMoment + offset;
  const parameters = variable.parameters;
  const rate = load<f32>(parameters);
  const beta1 = load<f32>(parameters, 4);
  const beta2 = load<f32>(parameters, 8);
  const rest1 = load<f32>(parameters, 12);
  const rest2 = load<f32>(parameters, 16);
  const epsilon = load<f32>(parameters, 20);
  const keep = load<f32>(parameters, 24);
  const bytes = (<usize>count) << 2;
  const wide = (<usize>(count & ~3)) << 2;
  const vRate = f32x4.splat(rate);
  const vBeta1 = f32x4.splat(beta1);
  const vBeta2 = f32x4.splat(beta2);
  const vRest1 = f32x4.splat(rest1);
  const vRest2 = f32x4.splat(rest2);
  const vEpsilon = f32x4.splat(epsilon);
  const vKeep = f32x4.splat(keep);
  let i: usize = 0;
  for (; i < wide; i += 16) {
    const g = v128.load(gradient + i);
    const m = f32x4.add(f32x4.mul(vBeta1, v128.load(first + i)), f32x4.mul(vRest1, g));
    const v = f32x4.add(f32x4.mul(vBeta2, v128.load(second + i)), f32x4.mul(vRest2, f32x4.mul(g, g)));
    v128.store(newFirst + i, m);
    v128.store(newSecond + i, v);
    const step = f32x4.div(f32x4.mul(vRate, m), f32x4.add(f32x4.sqrt(v), vEpsilon));
    v128.store(newValue + i, f32x4.sub(f32x4.mul(vKeep, v128.load(value + i)), step));
  }
  for (; i < bytes; i += 4) {
    const g = load<f32>(gradient + i);
    const m = beta1 * load<f32>(first + i) + rest1 * g;
    const v = beta2 * load<f32>(second + i) + rest2 * (g * g);
    store<f32>(newFirst + i, m);
    store<f32>(newSecond + i, v);
    store<f32>(newValue + i, keep * load<f32>(value + i) - (rate * m) / (Mathf.sqrt(v) + epsilon));
  }
}
