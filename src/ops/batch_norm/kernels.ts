/** Kernels of batchNorm and batchNormInference: names and attributes. */
import type { FusedActivation } from '../../kernel/fused_activation.js';

export const BATCH_NORM = {
  forward: 'Convolutions/BatchNorm',
  backward: 'Convolutions/BatchNormBackprop',
} as const;

/**
 * Kernels of replays on wasm, which compute y of a forward pass a second time: the first is BATCH_NORM.forward with the
 * coefficients [2, channels] as one more output, from which the second computes the same bits.
 */
export const BATCH_NORM_TWICE = {
  first: 'Convolutions/BatchNormFirst',
  again: 'Convolutions/BatchNormAgain',
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
