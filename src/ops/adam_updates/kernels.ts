/** Kernel of adamUpdates: name, inputs and attributes. */
export const ADAM_UPDATES = { forward: 'Convolutions/AdamUpdates' } as const;

/** Names of the input lists, each with one tensor per variable. */
export const ADAM_INPUTS = ['value', 'gradient', 'firstMoment', 'secondMoment'] as const;

/** Attributes of one step for all variables. */
export interface AdamAttributes {
  /** Learning rate of each variable with both bias corrections folded in: rate · √(1 − beta2ᵗ) / (1 − beta1ᵗ). */
  readonly rates: readonly number[];
  /** Factor of each value before its update, for weight decay: 1 − rate · decay. */
  readonly keeps: readonly number[];
  readonly beta1: number;
  readonly beta2: number;
  /** Epsilon with the bias correction of the second moment folded in: epsilon · √(1 − beta2ᵗ). */
  readonly epsilon: number;
}
