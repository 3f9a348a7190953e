/**
 * Batch normalisation of [rows, channels]: two passes for the statistics (a one-pass variance cancels where the mean is
 * large), one for the result. Sums run in float32 over 64 rows at a time and in float64 from there on.
 * Ioffe and Szegedy, "Batch Normalization" (2015), section 3.
 */

const ROWS: i32 = 64;

/** Bytes of scratch memory: two float64 sums and three float32 coefficients a channel. */
export function batchNormScratch(channels: i32): i32 {
  return channels * 28;
}

/** Mean, biased variance and the normalised, scaled, shifted and activated values. */
export function batchNormForward(
  x: usize,
  gamma: usize,
  beta: usize,
  rows: i32,
  channels: i32,
  epsilon: f32,
  floor: f32,
  ceiling: f32,
  y: usize,
  mean: usize,
  variance: usize,
  scratch: usize,
): void {
  const count = <f64>max(rows, 1);
  reduce(x, 0, rows, channels, scratch);
  for (let c = 0; c < channels; c++) {
    store<f32>(mean + ((<usize>c) << 2), <f32>(load<f64>(scratch + ((<usize>c) << 3)) / count));
  }
  reduce(x, mean, rows, channels, scratch);
  for (let c = 0; c < channels; c++) {
    store<f32>(variance + ((<usize>c) << 2), <f32>(load<f64>(scratch + ((<usize>c) << 3)) / count));
  }
  batchNormInferenceForward(x, gamma, beta, mean, variance, rows, channels, epsilon, floor, ceiling, y, scratch);
}

/** y = activation(gamma · (x − mean) / √(variance + epsilon) + beta). */
export function batchNormInferenceForward(
  x: usize,
  gamma: usize,
  beta: usize,
  mean: usize,
  variance: usize,
  rows: i32,
  channels: i32,
  epsilon: f32,
  floor: f32,
  ceiling: f32,
  y: usize,
  scratch: usize,
): void {
  for (let at: usize = 0; at < (<usize>channels) << 2; at += 4) {
    const inverse = 1 / Math.sqrt(<f64>load<f32>(variance + at) + <f64>epsilon);
    store<f32>(scratch + at, <f32>(<f64>load<f32>(gamma + at) * inverse));
  }
  const low = f32x4.splat(floor);
  const high = f32x4.splat(ceiling);
  const bytes = (<usize>channels) << 2;
  const wide = (<usize>(channels & ~3)) << 2;
  for (let row = 0; row < rows; row++, x += bytes, y += bytes) {
    let c: usize = 0;
    for (; c < wide; c += 16) {
      const centred = f32x4.sub(v128.load(x + c), v128.load(mean + c));
      const value = f32x4.add(f32x4.mul(centred, v128.load(scratch + c)), v128.load(beta + c));
      v128.store(y + c, f32x4.min(f32x4.max(value, low), high));
    }
    for (; c < bytes; c += 4) {
      const value = (load<f32>(x + c) - load<f32>(mean + c)) * load<f32>(scratch + c) + load<f32>(beta + c);
      store<f32>(y + c, min<f32>(max<f32>(value, floor), ceiling));
    }
  }
}

/** dx, dgamma and dbeta of a normalisation by the batch's own statistics. */
export function batchNormBackward(
  x: usize,
  gamma: usize,
  mean: usize,
  variance: usize,
  y: usize,
  dy: usize,
  rows: i32,
  channels: i32,
  epsilon: f32,
  floor: f32,
  ceiling: f32,
  dx: usize,
  dgamma: usize,
  dbeta: usize,
  scratch: usize,
): void {
  const count = <f64>max(rows, 1);
  backward(x, gamma, mean, variance, y, dy, rows, channels, epsilon, floor, ceiling, dx, dgamma, dbeta, scratch, count);
}

/** dx, dgamma and dbeta of a normalisation by given statistics. */
export function batchNormInferenceBackward(
  x: usize,
  gamma: usize,
  mean: usize,
  variance: usize,
  y: usize,
  dy: usize,
  rows: i32,
  channels: i32,
  epsilon: f32,
  floor: f32,
  ceiling: f32,
  dx: usize,
  dgamma: usize,
  dbeta: usize,
  scratch: usize,
): void {
  backward(x, gamma, mean, variance, y, dy, rows, channels, epsilon, floor, ceiling, dx, dgamma, dbeta, scratch, 0);
}

/**
 * With g = dy where the activation let the value through and x̂ = (x − mean) / σ: dbeta = Σ g, dgamma = Σ g·x̂ and
 * dx = gamma / σ · (g − (Σ g + x̂ · Σ g·x̂) / count), the last term only where the statistics are the batch's (count > 0).
 */
function backward(
  x: usize,
  gamma: usize,
  mean: usize,
  variance: usize,
  y: usize,
  dy: usize,
  rows: i32,
  channels: i32,
  epsilon: f32,
  floor: f32,
  ceiling: f32,
  dx: usize,
  dgamma: usize,
  dbeta: usize,
  scratch: usize,
  count: f64,
): void {
  const bytes = (<usize>channels) << 2;
  const products = scratch + 2 * bytes;
  const scale = scratch + 4 * bytes;
  const slope = scale + bytes;
  const shift = slope + bytes;
  reduceGradient(x, mean, y, dy, rows, channels, floor, ceiling, scratch, products);
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
  const low = f32x4.splat(floor);
  const high = f32x4.splat(ceiling);
  const wide = (<usize>(channels & ~3)) << 2;
  for (let row = 0; row < rows; row++, x += bytes, y += bytes, dy += bytes, dx += bytes) {
    let c: usize = 0;
    for (; c < wide; c += 16) {
      const value = v128.load(y + c);
      const through = v128.and(f32x4.gt(value, low), f32x4.lt(value, high));
      const gradient = v128.and(v128.load(dy + c), through);
      const centred = f32x4.sub(v128.load(x + c), v128.load(mean + c));
      const mean0 = f32x4.add(v128.load(shift + c), f32x4.mul(centred, v128.load(slope + c)));
      v128.store(dx + c, f32x4.mul(v128.load(scale + c), f32x4.sub(gradient, mean0)));
    }
    for (; c < bytes; c += 4) {
      const value = load<f32>(y + c);
      const gradient: f32 = value > floor && value < ceiling ? load<f32>(dy + c) : 0;
      const mean0 = load<f32>(shift + c) + (load<f32>(x + c) - load<f32>(mean + c)) * load<f32>(slope + c);
      store<f32>(dx + c, load<f32>(scale + c) * (gradient - mean0));
    }
  }
}

/** Float64 sums of every channel: Σ x, or Σ (x − mean)² where `mean` is given. */
export function reduce(x: usize, mean: usize, rows: i32, channels: i32, sums: usize): void {
  const bytes = (<usize>channels) << 2;
  memory.fill(sums, 0, 2 * bytes);
  for (let first = 0; first < rows; first += ROWS) {
    const count = min(rows - first, ROWS);
    let c: usize = 0;
    for (; c + 16 <= bytes; c += 16) {
      let at = x + c;
      let sum = f32x4.splat(0);
      if (mean) {
        const centre = v128.load(mean + c);
        for (let row = 0; row < count; row++, at += bytes) {
          const value = f32x4.sub(v128.load(at), centre);
          sum = f32x4.add(sum, f32x4.mul(value, value));
        }
      } else {
        for (let row = 0; row < count; row++, at += bytes) sum = f32x4.add(sum, v128.load(at));
      }
      addWide(sums + 2 * c, sum);
    }
    for (; c < bytes; c += 4) {
      let at = x + c;
      let sum: f32 = 0;
      const centre: f32 = mean ? load<f32>(mean + c) : 0;
      for (let row = 0; row < count; row++, at += bytes) {
        const value = load<f32>(at) - centre;
        sum += mean ? value * value : value;
      }
      store<f64>(sums + 2 * c, load<f64>(sums + 2 * c) + <f64>sum);
    }
    x += <usize>count * bytes;
  }
}

/** Float64 sums of every channel: Σ g and Σ g·(x − mean). */
function reduceGradient(
  x: usize,
  mean: usize,
  y: usize,
  dy: usize,
  rows: i32,
  channels: i32,
  floor: f32,
  ceiling: f32,
  sums: usize,
  products: usize,
): void {
  const bytes = (<usize>channels) << 2;
  memory.fill(sums, 0, 2 * bytes);
  memory.fill(products, 0, 2 * bytes);
  const low = f32x4.splat(floor);
  const high = f32x4.splat(ceiling);
  for (let first = 0; first < rows; first += ROWS) {
    const count = min(rows - first, ROWS);
    let c: usize = 0;
    for (; c + 16 <= bytes; c += 16) {
      const centre = v128.load(mean + c);
      let sum = f32x4.splat(0);
      let product = sum;
      let at = c;
      for (let row = 0; row < count; row++, at += bytes) {
        const value = v128.load(y + at);
        const gradient = v128.and(v128.load(dy + at), v128.and(f32x4.gt(value, low), f32x4.lt(value, high)));
        sum = f32x4.add(sum, gradient);
        product = f32x4.add(product, f32x4.mul(gradient, f32x4.sub(v128.load(x + at), centre)));
      }
      addWide(sums + 2 * c, sum);
      addWide(products + 2 * c, product);
    }
    for (; c < bytes; c += 4) {
      let sum: f32 = 0;
      let product: f32 = 0;
      let at = c;
      for (let row = 0; row < count; row++, at += bytes) {
        const value = load<f32>(y + at);
        const gradient: f32 = value > floor && value < ceiling ? load<f32>(dy + at) : 0;
        sum += gradient;
        product += gradient * (load<f32>(x + at) - load<f32>(mean + c));
      }
      store<f64>(sums + 2 * c, load<f64>(sums + 2 * c) + <f64>sum);
      store<f64>(products + 2 * c, load<f64>(products + 2 * c) + <f64>product);
    }
    const advance = <usize>count * bytes;
    x += advance;
    y += advance;
    dy += advance;
  }
}

/** Adds four float32 sums to four float64 ones. */
@inline
function addWide(at: usize, sum: v128): void {
  store<f64>(at, load<f64>(at) + <f64>f32x4.extract_lane(sum, 0));
  store<f64>(at, load<f64>(at, 8) + <f64>f32x4.extract_lane(sum, 1), 8);
  store<f64>(at, load<f64>(at, 16) + <f64>f32x4.extract_lane(sum, 2), 16);
  store<f64>(at, load<f64>(at, 24) + <f64>f32x4.extract_lane(sum, 3), 24);
}
