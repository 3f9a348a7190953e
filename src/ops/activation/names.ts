/** Kernel names of the activations, for kernels that do not apply one to their own results. */
import type { FusedActivation } from '../../kernel/fused_activation.js';

export const ACTIVATION = {
  /** y of x. */
  forward: 'Convolutions/Activation',
  /** dx of dy and y. */
  backward: 'Convolutions/ActivationBackprop',
} as const;

export interface ActivationAttributes {
  readonly activation: FusedActivation;
}
