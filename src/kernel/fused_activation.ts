/** Activations that kernels can fuse. */

/** Names of the fused activations, indexed by their codes in kernels. */
export const FUSED_ACTIVATIONS = ['linear', 'relu', 'relu6'] as const;

/**
 * Name of an activation that a kernel can apply to its result.
 *
 * @useDeclaredType
 */
export type FusedActivation = (typeof FUSED_ACTIVATIONS)[number];

/** Returns the activation of this name, if kernels can fuse it. */
export function toFused(activation: string): FusedActivation | undefined {
  return FUSED_ACTIVATIONS.find((fused) => fused === activation);
}

/** Range of an activation. */
export function activationRange(activation: FusedActivation): { readonly floor: number; readonly ceiling: number } {
  return { floor: activation === 'linear' ? -Infinity : 0, ceiling: activation === 'relu6' ? 6 : Infinity };
}

/**
 * Bounds at which an activation blocks the gradient, y ≤ floor and y ≥ ceiling, with NaN for no bound. So the gradient
 * of ReLU passes at +Infinity, and every gradient passes at NaN, as in PyTorch.
 */
export function activationStops(activation: FusedActivation): { readonly floor: number; readonly ceiling: number } {
  return { floor: activation === 'linear' ? NaN : 0, ceiling: activation === 'relu6' ? 6 : NaN };
}
