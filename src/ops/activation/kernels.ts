/** Kernels of the activations, for operators whose kernels do not fuse one: names and attributes. */
import type { FusedActivation } from '../../kernel/fused_activation.js';

export const ACTIVATION = {
  /** Computes y from x. */
  forward: 'Convolutions/Activation',
  /** Computes dx from dy and y. */
  backward: 'Convolutions/ActivationBackprop',
} as const;

/** Attributes of an activation kernel. */
export interface ActivationAttributes {
  readonly activation: FusedActivation;
}
