/** Kernel of weightedSums: name and attributes. */
export const WEIGHTED_SUMS = { forward: 'Convolutions/WeightedSums' } as const;

/** Attributes of weightedSums: the factors of both operands. */
export interface WeightedSumsAttributes {
  readonly weightA: number;
  readonly weightB: number;
}
