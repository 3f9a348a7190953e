/** Bilinear sampling: the cells around a point. */
import type { Place } from './reads.js';

/** A cell with its weight. */
export interface WeightedCell {
  readonly cell: Place;
  readonly weight: number;
}

/**
 * Finds the cells, at most four, whose weighted sum is the bilinear sample at a point. Weights decrease with distance;
 * cells outside the image are omitted, as if they were zero.
 *
 * @param place (y, x) in cells, may be fractional
 * @param size [height, width] of the image
 * @returns the cells with their weights, row by row
 * @see Dai et al., "Deformable Convolutional Networks" (2017), equations 3 and 4
 * @example
 * ```ts
 * import { bilinearCells } from 'tfjs-convolutions/geometry';
 *
 * console.log(bilinearCells([0.25, 1], [4, 4])); // [{cell: [0, 1], weight: 0.75}, {cell: [1, 1], weight: 0.25}]
 * ```
 */
export function bilinearCells([y, x]: Place, [height, width]: Place): WeightedCell[] {
  const [top, left] = [Math.floor(y), Math.floor(x)];
  const near = [
    [top, left],
    [top, left + 1],
    [top + 1, left],
    [top + 1, left + 1],
  ] as const;
  return near.flatMap((cell) => {
    const [row, column] = cell;
    const weight = (1 - Math.abs(y - row)) * (1 - Math.abs(x - column));
    const isInside = row >= 0 && row < height && column >= 0 && column < width;
    return isInside && weight > 0 ? [{ cell, weight }] : [];
  });
}
