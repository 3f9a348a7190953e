/** ReLU and ReLU6 as separate kernels, for operators that have not fused them, and their gradients. */
import type * as tf from '@tensorflow/tfjs';
import type { Action } from '../../errors.js';
import type { FusedActivation } from '../../kernel/fused_activation.js';
import { runKernelSingle } from '../run_kernel.js';
import { ACTIVATION, type ActivationAttributes } from './kernels.js';

/**
 * Gradient with respect to an activation's input: 0 where y is at a bound of the activation's range, dy elsewhere and
 * at NaN.
 */
export function activationGradient<T extends tf.Tensor>(
  action: Action,
  dy: T,
  y: tf.Tensor,
  activation: FusedActivation,
): T {
  if (activation === 'linear') return dy;
  const attributes: ActivationAttributes = { activation };
  return runKernelSingle(action, ACTIVATION.backward, { dy, y }, attributes) as T;
}
