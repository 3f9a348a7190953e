/** Kernel name and attributes of weightedSum. */
export const WEIGHTED_SUM = { forward: 'Convolutions/WeightedSum' } as const;

export interface WeightedSumAttributes {
  readonly weightA: number;
  readonly weightB: number;
}
