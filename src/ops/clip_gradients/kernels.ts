/** Kernel of clipGradients: name, input list and attributes. */
export const CLIP_GRADIENTS = { forward: 'Convolutions/ClipGradients' } as const;

/** Ways to clip: each element, each gradient by its norm, or all gradients by their common norm. */
export const CLIP_KINDS = ['value', 'norm', 'globalNorm'] as const;

/** One of these ways. */
export type ClipKind = (typeof CLIP_KINDS)[number];

/** Attributes of clipGradients. */
export interface ClipAttributes {
  readonly by: ClipKind;
  readonly limit: number;
}

/** Groups of gradients, by index, that share a norm. */
export function normGroups(by: ClipKind, count: number): readonly (readonly number[])[] {
  const all = Array.from({ length: count }, (_, index) => index);
  return by === 'globalNorm' ? [all] : all.map((index) => [index]);
}
