/**
 * Batch normalisation over all axes but the last, with an optional activation, as one kernel forward and one backward.
 * y = activation(gamma · (x − mean) / √(variance + epsilon) + beta).
 */
import * as tf from '@tensorflow/tfjs';
import { checkNumber, checkOneOf, type Action } from '../../errors.js';
import { FUSED_ACTIVATIONS, type FusedActivation } from '../../kernel/fused_activation.js';
import type { OptionNames } from '../../support/check_options.js';
import { checkCall, checkFloatTensor, checkShape } from '../checks.js';
import { runKernel, runKernelSingle } from '../run_kernel.js';
import { BATCH_NORM, BATCH_NORM_INFERENCE, type BatchNormAttributes } from './kernels.js';

/** Options of {@link batchNorm} and {@link batchNormInference}. */
export interface BatchNormOptions {
  /** Scale per channel, [channels]. @default 1 */
  readonly gamma?: tf.Tensor1D | undefined;
  /** Shift per channel, [channels]. @default 0 */
  readonly beta?: tf.Tensor1D | undefined;
  /** Small constant added to the variance, against division by zero. @default 0.001 */
  readonly epsilon?: number;
  /** Activation applied to the result. @default 'linear' */
  readonly activation?: FusedActivation;
}

const OPTIONS = {
  gamma: true,
  beta: true,
  epsilon: true,
  activation: true,
} as const satisfies OptionNames<BatchNormOptions>;

/** Result of {@link batchNorm}. */
export interface BatchNormResult<T extends tf.Tensor> {
  readonly y: T;
  /** Mean of each channel over the batch, [channels]; not differentiable. */
  readonly mean: tf.Tensor1D;
  /** Biased variance of each channel over the batch, [channels]; not differentiable. */
  readonly variance: tf.Tensor1D;
}

/**
 * Batch normalisation with the statistics of the batch (training).
 *
 * Differentiable in `x`, `gamma` and `beta`.
 *
 * @param x [..., channels], float32, rank 2 to 5
 * @param options gamma, beta, epsilon, activation; see {@link BatchNormOptions}
 * @returns y of the shape of x, and the mean and biased variance [channels] for the moving averages
 * @throws TypeError for a wrong kind or dtype; RangeError for shapes that do not fit or a negative epsilon
 * @see Ioffe and Szegedy, "Batch Normalization" (2015), algorithm 1
 * @example
 * ```ts
 * const x = tf.tensor2d([[1], [3]]);
 * const { y, mean, variance } = conv.batchNorm(x, { epsilon: 0 });
 * console.log(y.arraySync()); // [[-1], [1]]
 * console.log(mean.arraySync(), variance.arraySync()); // [2] [1]
 * ```
 */
export function batchNorm<T extends tf.Tensor>(
  x: T,
  options: BatchNormOptions = {},
  ...more: never[]
): BatchNormResult<T> {
  const action = 'run batchNorm';
  checkCall(action, 'batchNorm(x, {gamma, beta, epsilon})', options, OPTIONS, more);
  const [y, mean, variance] = tf.tidy(() => {
    const { gamma, beta, attributes } = prepare(action, x, options);
    return runKernel(action, BATCH_NORM.forward, { x, gamma, beta }, attributes);
  }) as [tf.Tensor, tf.Tensor, tf.Tensor];
  return { y: y as T, mean: mean as tf.Tensor1D, variance: variance as tf.Tensor1D };
}

/**
 * Batch normalisation with given statistics (inference or a frozen layer).
 *
 * Differentiable in `x`, `gamma` and `beta`.
 *
 * @param x [..., channels], float32, rank 2 to 5
 * @param mean [channels]
 * @param variance [channels]
 * @param options gamma, beta, epsilon, activation; see {@link BatchNormOptions}
 * @returns a tensor of the shape of x
 * @throws TypeError for a wrong kind or dtype; RangeError for shapes that do not fit or a negative epsilon
 * @see Ioffe and Szegedy, "Batch Normalization" (2015), algorithm 2
 * @example
 * ```ts
 * const x = tf.tensor2d([[1], [3]]);
 * const y = conv.batchNormInference(x, tf.tensor1d([1]), tf.tensor1d([4]), { epsilon: 0 });
 * console.log(y.arraySync()); // [[0], [1]]
 * ```
 */
export function batchNormInference<T extends tf.Tensor>(
  x: T,
  mean: tf.Tensor1D,
  variance: tf.Tensor1D,
  options: BatchNormOptions = {},
  ...more: never[]
): T {
  const action = 'run batchNormInference';
  checkCall(action, 'batchNormInference(x, mean, variance, {gamma, beta, epsilon})', options, OPTIONS, more);
  return tf.tidy(() => {
    const { gamma, beta, attributes, channels } = prepare(action, x, options);
    checkShape(action, 'mean', mean, [channels], '[channels]');
    checkShape(action, 'variance', variance, [channels], '[channels]');
    return runKernelSingle(action, BATCH_NORM_INFERENCE.forward, { x, mean, variance, gamma, beta }, attributes) as T;
  });
}

interface Prepared {
  readonly gamma: tf.Tensor;
  readonly beta: tf.Tensor;
  readonly channels: number;
  readonly attributes: BatchNormAttributes;
}

function prepare(action: Action, x: unknown, options: BatchNormOptions): Prepared {
  const { shape, rank } = checkFloatTensor(action, 'x', x, [2, 3, 4, 5]);
  const channels = shape[rank - 1]!;
  const { gamma = tf.ones([channels]), beta = tf.zeros([channels]) } = options;
  checkShape(action, 'gamma', gamma, [channels], '[channels]');
  checkShape(action, 'beta', beta, [channels], '[channels]');
  const epsilon = checkNumber(action, 'epsilon', options.epsilon ?? 1e-3, { from: 0 });
  const activation = checkOneOf(action, 'activation', options.activation ?? 'linear', FUSED_ACTIVATIONS);
  return { gamma, beta, channels, attributes: { epsilon, activation } };
}
