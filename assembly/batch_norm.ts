/**
 * Batch normalisation of [rows, channels]: two passes for the statistics (a one-pass variance suffers from cancellation
 * if the mean is large), one for the result. Sums are in float32 over 64 rows at a time and in float64 beyond that;
 * those for the mean are of differences from the first row, which keep their digits if the mean is large. Ioffe and
 * Szegedy, "Batch Normalization" (2015), section 3.
 */
import { clamp, clamp4 } from './activation';
import { BatchNorm } from './batch_norm_operands';
import { batchNormGradientSums, batchNormSums, through } from './batch_norm_sums';

/** Bytes of scratch memory: two float64 sums and three float32 coefficients per channel. */
export function batchNormScratch(channels: i32): f64 {
  return 28 * <f64>channels;
}

/** Returns the number, or 0 if it is not finite. */
@inline
function finite(value: f32): f32 {
  return value - value == 0 ? value : 0;
}

/** Computes mean, biased variance and the normalised, scaled, shifted and activated values. */
export function batchNormForward(b: BatchNorm): void {
  const pivots = pivotsAt(b);
  batchNormPivots(b);
  batchNormSums(b.x, pivots, b.rows, b.channels, false, 0, b.scratch);
  batchNormMean(b);
  batchNormSums(b.x, b.mean, b.rows, b.channels, true, 0, b.scratch);
  batchNormVariance(b);
  batchNormRows(b, shiftedAt(b), 0, b.rows);
}

/** Layout of the scratch memory behind the two float64 sums per channel. */
@inline
function pivotsAt(b: BatchNorm): usize {
  return b.scratch + ((<usize>b.channels) << 4);
}

@inline
function shiftedAt(b: BatchNorm): usize {
  return pivotsAt(b) + ((<usize>b.channels) << 2);
}

/** First step of {@link batchNormForward}: the first row, from which differences are taken. */
export function batchNormPivots(b: BatchNorm): void {
  const x = b.x;
  const rows = b.rows;
  const pivots = pivotsAt(b);
  const bytes = (<usize>b.channels) << 2;
  for (let c: usize = 0; c < bytes; c += 4) store<f32>(pivots + c, rows > 0 ? finite(load<f32>(x + c)) : 0);
}

/** Computes the mean from the sums of the differences from the first row. */
export function batchNormMean(b: BatchNorm): void {
  const mean = b.mean;
  const scratch = b.scratch;
  const count = <f64>max(b.rows, 1);
  const pivots = pivotsAt(b);
  const bytes = (<usize>b.channels) << 2;
  for (let c: usize = 0; c < bytes; c += 4) {
    const exact = <f64>load<f32>(pivots + c) + load<f64>(scratch + 2 * c) / count;
    store<f32>(mean + c, <f32>exact);
    // Rounding error of the mean, which matters if the mean is many standard deviations; replaces the pivot from here
    // on.
    store<f32>(pivots + c, finite(<f32>(exact - <f64>(<f32>exact))));
  }
}

/**
 * Computes the variance from the sums of the squared differences from the mean, and the coefficients of
 * {@link batchNormRows}.
 */
export function batchNormVariance(b: BatchNorm): void {
  const gamma = b.gamma;
  const beta = b.beta;
  const variance = b.variance;
  const epsilon = b.epsilon;
  const scratch = b.scratch;
  const count = <f64>max(b.rows, 1);
  const pivots = pivotsAt(b);
  const shifted = shiftedAt(b);
  const bytes = (<usize>b.channels) << 2;
  for (let c: usize = 0; c < bytes; c += 4) {
    const rest = <f64>load<f32>(pivots + c);
    const value = <f32>(load<f64>(scratch + 2 * c) / count - rest * rest);
    const scale = <f64>load<f32>(gamma + c) / Math.sqrt(<f64>value + <f64>epsilon);
    store<f32>(variance + c, value);
    store<f32>(shifted + c, <f32>(<f64>load<f32>(beta + c) - finite(<f32>(rest * scale))));
  }
  batchNormScales(b);
  const coefficients = b.coefficients;
  if (!coefficients) return;
  memory.copy(coefficients, scratch, bytes);
  memory.copy(coefficients + bytes, shifted, bytes);
}

/** Stores gamma / √(variance + epsilon), a coefficient of {@link batchNormRows}. */
export function batchNormScales(b: BatchNorm): void {
  const gamma = b.gamma;
  const variance = b.variance;
  const epsilon = b.epsilon;
  const scales = b.scratch;
  const bytes = (<usize>b.channels) << 2;
  for (let at: usize = 0; at < bytes; at += 4) {
    const inverse = 1 / Math.sqrt(<f64>load<f32>(variance + at) + <f64>epsilon);
    store<f32>(scales + at, <f32>(<f64>load<f32>(gamma + at) * inverse));
  }
}

/** y = activation(gamma · (x − mean) / √(variance + epsilon) + beta). */
export function batchNormInferenceForward(b: BatchNorm): void {
  batchNormScales(b);
  batchNormRows(b, b.beta, 0, b.rows);
}

/** y = activation((x − mean) · scale + shift) for `rows` rows from `start`; the scales are in the scratch memory. */
export function batchNormRows(b: BatchNorm, shift: usize, start: i32, rows: i32): void {
  const floor = b.floor;
  const ceiling = b.ceiling;
  const mean = b.mean;
  const scale = b.scratch;
  const low = f32x4.splat(floor);
  const high = f32x4.splat(ceiling);
  const bytes = (<usize>b.channels) << 2;
  const x = b.x + <usize>start * bytes;
  const y = b.y + <usize>start * bytes;
  let c: usize = 0;
  // Outer loop over channels, inner loop over rows: the coefficients of 16 channels stay in registers, and their part
  // of a row is one cache line.
  for (; c + 64 <= bytes; c += 64) {
    const m0 = v128.load(mean + c);
    const m1 = v128.load(mean + c, 16);
    const m2 = v128.load(mean + c, 32);
    const m3 = v128.load(mean + c, 48);
    const s0 = v128.load(scale + c);
    const s1 = v128.load(scale + c, 16);
    const s2 = v128.load(scale + c, 32);
    const s3 = v128.load(scale + c, 48);
    const b0 = v128.load(shift + c);
    const b1 = v128.load(shift + c, 16);
    const b2 = v128.load(shift + c, 32);
    const b3 = v128.load(shift + c, 48);
    for (let row = 0, at = c; row < rows; row++, at += bytes) {
      v128.store(y + at, normalize(v128.load(x + at), m0, s0, b0, low, high));
      v128.store(y + at, normalize(v128.load(x + at, 16), m1, s1, b1, low, high), 16);
      v128.store(y + at, normalize(v128.load(x + at, 32), m2, s2, b2, low, high), 32);
      v128.store(y + at, normalize(v128.load(x + at, 48), m3, s3, b3, low, high), 48);
    }
  }
  for (; c + 16 <= bytes; c += 16) {
    const m0 = v128.load(mean + c);
    const s0 = v128.load(scale + c);
    const b0 = v128.load(shift + c);
    for (let row = 0, at = c; row < rows; row++, at += bytes) {
      v128.store(y + at, normalize(v128.load(x + at), m0, s0, b0, low, high));
    }
  }
  for (; c < bytes; c += 4) {
    for (let row = 0, at = c; row < rows; row++, at += bytes) {
      const value = (load<f32>(x + at) - load<f32>(mean + c)) * load<f32>(scale + c) + load<f32>(shift + c);
      store<f32>(y + at, clamp(value, floor, ceiling));
    }
  }
}

/** activation((x − mean) · scale + beta) of four channels. */
@inline
function normalize(x: v128, mean: v128, scale: v128, beta: v128, low: v128, high: v128): v128 {
  return clamp4(f32x4.add(f32x4.mul(f32x4.sub(x, mean), scale), beta), low, high);
}

/** Computes dx, dgamma and dbeta for normalisation with the statistics of the batch. */
export function batchNormBackward(b: BatchNorm): void {
  backward(b, <f64>max(b.rows, 1));
}

/** Computes dx, dgamma and dbeta for normalisation with given statistics. */
export function batchNormInferenceBackward(b: BatchNorm): void {
  backward(b, 0);
}

/**
 * With g = dy behind the activation and x̂ = (x − mean) / σ: dbeta = Σ g, dgamma = Σ g·x̂ and dx = gamma / σ · (g − (Σ
 * g + x̂ · Σ g·x̂) / count), the last term only if the statistics are those of the batch (count > 0).
 */
function backward(b: BatchNorm, count: f64): void {
  batchNormGradientSums(b, 0, b.rows, 0, b.scratch);
  batchNormGradients(b, count);
  batchNormGradientRows(b, 0, b.rows);
}

/**
 * Computes dgamma and dbeta from the sums, and the coefficients of {@link batchNormGradientRows}; `count` is 0 if the
 * statistics are given.
 */
export function batchNormGradients(b: BatchNorm, count: f64): void {
  const gamma = b.gamma;
  const variance = b.variance;
  const epsilon = b.epsilon;
  const dgamma = b.dgamma;
  const dbeta = b.dbeta;
  const scratch = b.scratch;
  const bytes = (<usize>b.channels) << 2;
  const products = scratch + 2 * bytes;
  const scale = scratch + 4 * bytes;
  const slope = scale + bytes;
  const shift = slope + bytes;
  for (let c: usize = 0; c < bytes; c += 4) {
    const inverse = 1 / Math.sqrt(<f64>load<f32>(variance + c) + <f64>epsilon);
    const sum = load<f64>(scratch + 2 * c);
    const product = load<f64>(products + 2 * c);
    store<f32>(dbeta + c, <f32>sum);
    store<f32>(dgamma + c, <f32>(product * inverse));
    store<f32>(scale + c, <f32>(<f64>load<f32>(gamma + c) * inverse));
    store<f32>(slope + c, count > 0 ? <f32>((product * inverse * inverse) / count) : 0);
    store<f32>(shift + c, count > 0 ? <f32>(sum / count) : 0);
  }
}

/** Computes `rows` rows of dx from `start` from the coefficients. */
export function batchNormGradientRows(b: BatchNorm, start: i32, rows: i32): void {
  const floor = b.floor;
  const ceiling = b.ceiling;
  const mean = b.mean;
  const bytes = (<usize>b.channels) << 2;
  const offset = <usize>start * bytes;
  const x = b.x + offset;
  const y = b.y + offset;
  const dy = b.dy + offset;
  const dx = b.dx + offset;
  const scale = b.scratch + 4 * bytes;
  const slope = scale + bytes;
  const shift = slope + bytes;
  const low = f32x4.splat(floor);
  const high = f32x4.splat(ceiling);
  let c: usize = 0;
  for (; c + 32 <= bytes; c += 32) {
    const m0 = v128.load(mean + c);
    const m1 = v128.load(mean + c, 16);
    const k0 = v128.load(scale + c);
    const k1 = v128.load(scale + c, 16);
    const p0 = v128.load(slope + c);
    const p1 = v128.load(slope + c, 16);
    const t0 = v128.load(shift + c);
    const t1 = v128.load(shift + c, 16);
    for (let row = 0, at = c; row < rows; row++, at += bytes) {
      const g0 = through(v128.load(y + at), v128.load(dy + at), low, high);
      const g1 = through(v128.load(y + at, 16), v128.load(dy + at, 16), low, high);
      v128.store(dx + at, dropMean(g0, f32x4.sub(v128.load(x + at), m0), k0, p0, t0));
      v128.store(dx + at, dropMean(g1, f32x4.sub(v128.load(x + at, 16), m1), k1, p1, t1), 16);
    }
  }
  for (; c + 16 <= bytes; c += 16) {
    const m0 = v128.load(mean + c);
    const k0 = v128.load(scale + c);
    const p0 = v128.load(slope + c);
    const t0 = v128.load(shift + c);
    for (let row = 0, at = c; row < rows; row++, at += bytes) {
      const g0 = through(v128.load(y + at), v128.load(dy + at), low, high);
      v128.store(dx + at, dropMean(g0, f32x4.sub(v128.load(x + at), m0), k0, p0, t0));
    }
  }
  for (; c < bytes; c += 4) {
    for (let row = 0, at = c; row < rows; row++, at += bytes) {
      const value = load<f32>(y + at);
      const gradient: f32 = value <= floor || value >= ceiling ? 0 : load<f32>(dy + at);
      const mean0 = load<f32>(shift + c) + (load<f32>(x + at) - load<f32>(mean + c)) * load<f32>(slope + c);
      store<f32>(dx + at, load<f32>(scale + c) * (gradient - mean0));
    }
  }
}

/** scale · (gradient − shift − centred · slope): the gradient with the dependence of the statistics on x. */
@inline
function dropMean(gradient: v128, centred: v128, scale: v128, slope: v128, shift: v128): v128 {
  return f32x4.mul(scale, f32x4.sub(gradient, f32x4.add(shift, f32x4.mul(centred, slope))));
}
