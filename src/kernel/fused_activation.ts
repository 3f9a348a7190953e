/** Activations that kernels apply to their own results. */

/** Activations that the kernels apply themselves. */
export const FUSED_ACTIVATIONS = ['linear', 'relu', 'relu6'] as const;

export type FusedActivation = (typeof FUSED_ACTIVATIONS)[number];

/** The activation of this name, where the kernels can apply it. */
export function toFused(activation: string): FusedActivation | undefined {
  return FUSED_ACTIVATIONS.find((fused) => fused === activation);
}

/** Range of an activation. */
export function activationRange(activation: FusedActivation): { readonly floor: number; readonly ceiling: number } {
  return { floor: activation === 'linear' ? -Infinity : 0, ceiling: activation === 'relu6' ? 6 : Infinity };
}

/**
 * Where an activation stops the gradient: at y ≤ floor and y ≥ ceiling, with NaN for no such end. So that of ReLU passes at
 * +Infinity, and every one at NaN, as in PyTorch.
 */
export function activationStops(activation: FusedActivation): { readonly floor: number; readonly ceiling: number } {
  return { floor: activation === 'linear' ? NaN : 0, ceiling: activation === 'relu6' ? 6 : NaN };
}
