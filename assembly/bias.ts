/** Adds a bias to every row of [rows, channels]; its gradient, and a fused activation. */
import { clamp, clamp4 } from './activation';
import { batchNormSums } from './batch_norm_sums';

/** Bytes of scratch memory: one float64 sum per channel. */
export function biasScratch(channels: i32): f64 {
  return 8 * <f64>channels;
}

/** y = x + bias in every row. */
export function biasForward(x: usize, bias: usize, rows: i32, channels: i32, y: usize): void {
  const bytes = (<usize>channels) << 2;
  const wide = (<usize>(channels & ~3)) << 2;
  for (let row = 0; row < rows; row++, x += bytes, y += bytes) {
    let c: usize = 0;
    for (; c < wide; c += 16) v128.store(y + c, f32x4.add(v128.load(x + c), v128.load(bias + c)));
    for (; c < bytes; c += 4) store<f32>(y + c, load<f32>(x + c) + load<f32>(bias + c));
  }
}

/**
 * Finishes a forward pass while its results are still in the cache: y = activation(y + bias) in place, with an optional
 * bias (0 if absent) and the activation code of a geometry.
 */
export function finishRows(y: usize, bias: usize, rows: i32, channels: i32, activation: i32): void {
  if (bias) {
    if (activation) addAndClamp(true, true, y, bias, rows, channels, activation);
    else addAndClamp(true, false, y, bias, rows, channels, activation);
  } else if (activation) {
    addAndClamp(false, true, y, bias, rows, channels, activation);
  }
}

@inline
function addAndClamp(add: bool, clamped: bool, y: usize, bias: usize, rows: i32, channels: i32, activation: i32): void {
  const top: f32 = activation == 2 ? 6 : Infinity;
  const low = f32x4.splat(0);
  const high = f32x4.splat(top);
  const bytes = (<usize>channels) << 2;
  const wide = (<usize>(channels & ~3)) << 2;
  for (let row = 0; row < rows; row++, y += bytes) {
    let c: usize = 0;
    for (; c < wide; c += 16) {
      let value = v128.load(y + c);
      if (add) value = f32x4.add(value, v128.load(bias + c));
      if (clamped) value = clamp4(value, low, high);
      v128.store(y + c, value);
    }
    for (; c < bytes; c += 4) {
      let value = load<f32>(y + c);
      if (add) value += load<f32>(bias + c);
      if (clamped) value = clamp(value, 0, top);
      store<f32>(y + c, value);
    }
  }
}

/** Computes dbias, the sum of all rows of dy. */
export function biasBackward(dy: usize, rows: i32, channels: i32, dbias: usize, scratch: usize): void {
  batchNormSums(dy, 0, rows, channels, false, 0, scratch);
  biasGradient(channels, dbias, scratch);
}

/** Stores the sums as dbias. */
export function biasGradient(channels: i32, dbias: usize, scratch: usize): void {
  for (let c = 0; c < channels; c++) {
    store<f32>(dbias + ((<usize>c) << 2), <f32>load<f64>(scratch + ((<usize>c) << 3)));
  }
}
