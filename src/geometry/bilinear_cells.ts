/** Bilinear sampling: the cells around a point. */
import type { Place } from './reads.js';
import { typeError } from '../errors.js';

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
export function bilinearCells(place: Place, size: Place): WeightedCell[] {
  const [y, x] = checkPair('place', place);
  const [height, width] = checkPair('size', size);
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

function checkPair(name: string, pair: Place): Place {
  const numbers: readonly unknown[] = Array.isArray(pair) ? pair : [];
  if (numbers.length === 2 && numbers.every(Number.isFinite)) return pair;
  throw typeError('find the cells of a sample', `${name} must be a pair of finite numbers`, name, pair);
}
