/**
 * Operands of batch normalisation of [rows, channels], as written by src/backends/wasm/batch_norm_operands.ts. An address
 * is 0 if the kernel does not need it.
 */
@unmanaged
export class BatchNorm {
  x: usize;
  gamma: usize;
  beta: usize;
  mean: usize;
  variance: usize;
  /** The coefficients of `batchNormRows`, scales before shifts, for who wants to keep them. */
  coefficients: usize;
  y: usize;
  dy: usize;
  dx: usize;
  dgamma: usize;
  dbeta: usize;
  rows: i32;
  channels: i32;
  epsilon: f32;
  /** Range of the activation; in a gradient, the bounds of y at and beyond which it is 0. */
  floor: f32;
  ceiling: f32;
  /** Memory of the size that `batchNormScratch` returns. */
  scratch: usize;
}
