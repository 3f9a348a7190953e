/** Kernel name and attributes of adamUpdate. */
export const ADAM_UPDATE = { forward: 'Convolutions/AdamUpdate' } as const;

export interface AdamAttributes {
  /** Learning rate with both bias corrections folded in: rate · √(1 − beta2ᵗ) / (1 − beta1ᵗ). */
  readonly rate: number;
  readonly beta1: number;
  readonly beta2: number;
  /** Epsilon with the bias correction of the second moment folded in: epsilon · √(1 − beta2ᵗ). */
  readonly epsilon: number;
}
