/** Shapes of packed tensors: two neighbours along the last axis share a word. */

/** Shape of a tensor's packed halves. Its last axis must be even. */
export function packedShape(shape: readonly number[]): number[] {
  return [...shape.slice(0, -1), shape.at(-1)! / 2];
}

/** Shape of the values of packed halves. */
export function unpackedShape(shape: readonly number[]): number[] {
  return [...shape.slice(0, -1), shape.at(-1)! * 2];
}
