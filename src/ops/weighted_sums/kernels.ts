/** Kernel of weightedSums: name and attributes. */
export const WEIGHTED_SUMS = { forward: 'Convolutions/WeightedSums' } as const;

/** Factor of an operand: one for all pairs, or one for each. */
export type Weight = number | readonly number[];

/** Attributes of weightedSums: the factors of both operands. */
export interface WeightedSumsAttributes {
  readonly weightA: Weight;
  readonly weightB: Weight;
}

/** Factors of one pair. */
export function weightsOf(
  attributes: object | undefined,
  index: number,
): { readonly weightA: number; readonly weightB: number } {
  const { weightA, weightB } = attributes as WeightedSumsAttributes;
  const of = (weight: Weight): number => (typeof weight === 'number' ? weight : weight[index]!);
  return { weightA: of(weightA), weightB: of(weightB) };
}
