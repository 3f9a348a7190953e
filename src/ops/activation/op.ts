/** ReLU and ReLU6 as kernels of their own, for what has not applied them itself, and what they let through of a gradient. */
import type * as tf from '@tensorflow/tfjs';
import type { Action } from '../../errors.js';
import type { FusedActivation } from '../../kernel/fused_activation.js';
import { runKernel1 } from '../run_kernel.js';
import { ACTIVATION, type ActivationAttributes } from './names.js';

/** The gradient of an activation's input: 0 where y stands at an end of the activation's range, else dy, at NaN too. */
export function activationGradient<T extends tf.Tensor>(
  action: Action,
  dy: T,
  y: tf.Tensor,
  activation: FusedActivation,
): T {
  if (activation === 'linear') return dy;
  const attributes: ActivationAttributes = { activation };
  return runKernel1(action, ACTIVATION.backward, { dy, y }, attributes) as T;
}
