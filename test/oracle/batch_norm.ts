/**
 * Batch normalisation in float64 (Ioffe and Szegedy 2015, Algorithm 1): over all axes but the last,
 * y = act(gamma · (x − mean) / √(variance + epsilon) + beta) with the biased variance of the batch.
 */
import { array64, type Array64 } from './array64.js';

export type BatchNormInputs = Readonly<{ x: Array64; gamma?: Array64; beta?: Array64 }>;
export type BatchNormInferenceInputs = BatchNormInputs & Readonly<{ mean: Array64; variance: Array64 }>;

export type Activation = 'linear' | 'relu' | 'relu6';

export interface BatchNormOptions {
  readonly epsilon: number;
  readonly activation?: Activation;
}

const ACTIVATIONS: Readonly<Record<Activation, (value: number) => number>> = {
  linear: (value) => value,
  relu: (value) => Math.max(value, 0),
  relu6: (value) => Math.min(Math.max(value, 0), 6),
};

/** Mean and biased variance of every channel. */
export function moments(x: Array64): { mean: Array64; variance: Array64 } {
  const channels = x.shape[x.shape.length - 1]!;
  const count = x.data.length / channels;
  const mean = array64([channels]);
  const variance = array64([channels]);
  x.data.forEach((value, index) => (mean.data[index % channels]! += value / count));
  x.data.forEach((value, index) => {
    variance.data[index % channels]! += (value - mean.data[index % channels]!) ** 2 / count;
  });
  return { mean, variance };
}

export function batchNormInference(inputs: BatchNormInferenceInputs, options: BatchNormOptions): Array64 {
  const { x, mean, variance, gamma, beta } = inputs;
  const channels = mean.shape[0]!;
  const activation = ACTIVATIONS[options.activation ?? 'linear'];
  return array64(x.shape, (index) => {
    const c = index % channels;
    const normalized = (x.data[index]! - mean.data[c]!) / Math.sqrt(variance.data[c]! + options.epsilon);
    return activation((gamma?.data[c] ?? 1) * normalized + (beta?.data[c] ?? 0));
  });
}

export function batchNorm(inputs: BatchNormInputs, options: BatchNormOptions): Array64 {
  return batchNormInference({ ...inputs, ...moments(inputs.x) }, options);
}
