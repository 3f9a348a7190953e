/** Tiling of output positions, which bounds scratch memory whatever the size of the batch. */
import type { ConvGeometry } from '../../kernel/geometry.js';
import { mostTexels } from './row_tiles.js';

/** Output positions [first, first + rows) of a batch. */
export interface Tile {
  readonly first: number;
  readonly rows: number;
}

/**
 * Divides all positions into tiles of bounded size; one empty tile for an empty batch.
 *
 * @param texels scratch memory of a pair of positions
 */
export function positionTiles({ batch, outHeight, outWidth }: ConvGeometry, texels: number): Tile[] {
  const positions = batch * outHeight * outWidth;
  const rows = 2 * Math.max(1, Math.floor(mostTexels() / Math.max(texels, 1)));
  const tiles: Tile[] = [];
  for (let first = 0; first < positions; first += rows) tiles.push({ first, rows: Math.min(rows, positions - first) });
  return tiles.length > 0 ? tiles : [{ first: 0, rows: 0 }];
}
