/**
 * Batch normalisation in float64 (Ioffe and Szegedy 2015, Algorithm 1): over all axes but the last,
 * y = act(gamma · (x − mean) / √(variance + epsilon) + beta) with the biased variance of the batch.
 */
import { activateGradient } from './activation.js';
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

/**
 * Gradients of ⟨y, dy⟩ by the chain rule, with x̂ = (x − mean) / √(variance + epsilon) and g the part of dy that the activation
 * lets through: dbeta = Σ g, dgamma = Σ g · x̂, dx = gamma / √(variance + epsilon) · (g − mean g − x̂ · mean (g · x̂)).
 */
export function batchNormGradients(inputs: BatchNormInputs, dy: Array64, options: BatchNormOptions): BatchNormInputs {
  const statistics = moments(inputs.x);
  const channels = statistics.mean.shape[0]!;
  const count = inputs.x.data.length / channels;
  const { x, gamma, beta } = batchNormInferenceGradients({ ...inputs, ...statistics }, dy, options);
  const scale = (c: number): number =>
    (inputs.gamma?.data[c] ?? 1) / Math.sqrt(statistics.variance.data[c]! + options.epsilon);
  const normalized = normalize({ ...inputs, ...statistics }, options);
  const dx = array64(x.shape, (index) => {
    const c = index % channels;
    const means = (beta!.data[c]! + normalized.data[index]! * gamma!.data[c]!) / count;
    return x.data[index]! - scale(c) * means;
  });
  return { x: dx, gamma: gamma!, beta: beta! };
}

/** As {@link batchNormGradients}, with statistics that do not depend on x. */
export function batchNormInferenceGradients(
  inputs: BatchNormInferenceInputs,
  dy: Array64,
  options: BatchNormOptions,
): BatchNormInputs {
  const { x, variance } = inputs;
  const channels = variance.shape[0]!;
  const plain = batchNormInference(inputs, { epsilon: options.epsilon });
  const g = activateGradient(plain, dy, options.activation ?? 'linear');
  const normalized = normalize(inputs, options);
  const [gamma, beta] = [array64([channels]), array64([channels])];
  g.data.forEach((value, index) => {
    gamma.data[index % channels]! += value * normalized.data[index]!;
    beta.data[index % channels]! += value;
  });
  const dx = array64(x.shape, (index) => {
    const c = index % channels;
    return ((inputs.gamma?.data[c] ?? 1) / Math.sqrt(variance.data[c]! + options.epsilon)) * g.data[index]!;
  });
  return { x: dx, gamma, beta };
}

/** x̂. */
export function normalize(
  { x, mean, variance }: Pick<BatchNormInferenceInputs, 'x' | 'mean' | 'variance'>,
  { epsilon }: BatchNormOptions,
): Array64 {
  return batchNormInference({ x, mean, variance }, { epsilon });
}
