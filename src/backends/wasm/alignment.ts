/** Alignment in bytes at which TensorFlow uses memory without a copy. */
export const ALIGNMENT = 64;

/** Rounds an address up to the next multiple of {@link ALIGNMENT}. */
export function align(address: number): number {
  return Math.ceil(address / ALIGNMENT) * ALIGNMENT;
}
