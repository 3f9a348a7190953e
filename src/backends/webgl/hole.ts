/**
 * Value that marks an element to skip in a product: next to the largest finite number of the textures, so it can be
 * stored and hardly ever occurs by itself. A value that equals it must be replaced by its neighbour.
 */
export function holeOf(floatTextures: boolean): { readonly hole: number; readonly neighbour: number } {
  return floatTextures
    ? { hole: 2 ** 127, neighbour: 2 ** 127 * (1 - 2 ** -24) }
    : { hole: 2 ** 15, neighbour: 2 ** 15 * (1 - 2 ** -11) };
}
