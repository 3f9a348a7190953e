/**
 * Memory that a training step needs: that of all activations of the model, or of few.
 *
 * @useDeclaredType
 */
export type MemoryUse = (typeof MEMORY_USES)[number];

export const MEMORY_USES = ['normal', 'low'] as const;
