/** TensorFlow takes memory at such an address as it is, and copies from any other. */
export const ALIGNMENT = 64;

export function align(address: number): number {
  return Math.ceil(address / ALIGNMENT) * ALIGNMENT;
}
