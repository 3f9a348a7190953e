/** Kernel name and attributes of weightedSums. */
export const WEIGHTED_SUMS = { forward: 'Convolutions/WeightedSums' } as const;

export interface WeightedSumsAttributes {
  readonly weightA: number;
  readonly weightB: number;
}
