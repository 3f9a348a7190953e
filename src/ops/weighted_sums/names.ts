/** Kernel name and attributes of weightedSums. */
export const WEIGHTED_SUMS = { forward: 'Convolutions/WeightedSums' } as const;

/** Attributes of weightedSums: the factors of both operands. */
export interface WeightedSumsAttributes {
  readonly weightA: number;
  readonly weightB: number;
}
