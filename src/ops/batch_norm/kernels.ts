/** Kernels of batchNorm and batchNormInference: names and attributes. */
import type { FusedActivation } from '../../kernel/fused_activation.js';

export const BATCH_NORM = {
  forward: 'Convolutions/BatchNorm',
  backward: 'Convolutions/BatchNormBackprop',
} as const;

export const BATCH_NORM_INFERENCE = {
  forward: 'Convolutions/BatchNormInference',
  backward: 'Convolutions/BatchNormInferenceBackprop',
} as const;

/** Attributes of a batch normalisation kernel. */
export interface BatchNormAttributes {
  readonly epsilon: number;
  readonly activation: FusedActivation;
}
