/**
 * Operands of batch normalisation of [rows, channels], as written by src/backends/wasm/batch_norm_operands.ts; 0 for those that a
 * kernel does not need.
 */
@unmanaged
export class BatchNorm {
  x: usize;
  gamma: usize;
  beta: usize;
  mean: usize;
  variance: usize;
  y: usize;
  dy: usize;
  dx: usize;
  dgamma: usize;
  dbeta: usize;
  rows: i32;
  channels: i32;
  epsilon: f32;
  /** Range of the activation; in a gradient, the values of y from which on nothing passes. */
  floor: f32;
  ceiling: f32;
  /** Memory of the size that `batchNormScratch` returns. */
  scratch: usize;
}
