/** Types in which weights are stored, kept apart from the code so that help loads quickly. */

/** Types in which weights can be stored. */
export const WEIGHT_TYPES = ['float32', 'float16', 'uint8'] as const;

/**
 * Type in which weights are stored.
 *
 * @useDeclaredType
 */
export type WeightType = (typeof WEIGHT_TYPES)[number];
