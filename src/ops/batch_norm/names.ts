/** Kernel names and attributes of batchNorm and batchNormInference. */
export const BATCH_NORM = {
  forward: 'Convolutions/BatchNorm',
  backward: 'Convolutions/BatchNormBackprop',
} as const;

export const BATCH_NORM_INFERENCE = {
  forward: 'Convolutions/BatchNormInference',
  backward: 'Convolutions/BatchNormInferenceBackprop',
} as const;

/** Activations that the kernels apply themselves. */
export const FUSED_ACTIVATIONS = ['linear', 'relu', 'relu6'] as const;

export type FusedActivation = (typeof FUSED_ACTIVATIONS)[number];

export interface BatchNormAttributes {
  readonly epsilon: number;
  readonly activation: FusedActivation;
}

/** Range of an activation: its gradient passes strictly between the ends. */
export function activationRange(activation: FusedActivation): { readonly floor: number; readonly ceiling: number } {
  return { floor: activation === 'linear' ? -Infinity : 0, ceiling: activation === 'relu6' ? 6 : Infinity };
}
