/** Alignment in bytes at which TensorFlow uses memory without a copy. */
export const ALIGNMENT = 64;

export function align(address: number): number {
  return Math.ceil(address / ALIGNMENT) * ALIGNMENT;
}
