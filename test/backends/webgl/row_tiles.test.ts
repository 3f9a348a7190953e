import * as tf from '@tensorflow/tfjs';
import { mostTexels, rowTiles, type RowTile } from '../../../src/backends/webgl/row_tiles.js';

/** Rows of the batch, image by image, in the order of the tiles. */
const rowsOf = (tiles: readonly RowTile[]): string[] =>
  tiles.flatMap(({ image, images, row, rows }) =>
    Array.from({ length: images * rows }, (_, index) => `${image + Math.floor(index / rows)}:${row + (index % rows)}`),
  );

const allRows = (batch: number, height: number): string[] =>
  Array.from({ length: batch * height }, (_, index) => `${Math.floor(index / height)}:${index % height}`);

describe('rowTiles()', () => {
  beforeAll(() => {
    tf.env().set('WEBGL_MAX_TEXTURE_SIZE', 64);
  });

  test.each<readonly [string, number, number, (rows: number) => number, number]>([
    ['whole images', 7, 10, (rows) => 60 * rows + 80, 3],
    ['some rows of an image', 2, 50, (rows) => 100 * rows + 300, 6],
    ['single rows that are too long', 2, 3, (rows) => 5000 * rows, 6],
    ['images without texels', 2, 3, () => 0, 1],
  ])('covers every row once: %s', (_, batch, height, texelsOf, count) => {
    const tiles = rowTiles(batch, height, texelsOf);
    expect(rowsOf(tiles)).toEqual(allRows(batch, height));
    expect(tiles).toHaveLength(count);
    for (const { images, rows } of tiles) {
      expect(rows === 1 || images * texelsOf(rows) <= mostTexels()).toBe(true);
    }
  });

  test('gives one empty tile for an empty batch', () => {
    expect(rowTiles(0, 5, () => 10)).toEqual([{ image: 0, images: 0, row: 0, rows: 0 }]);
  });
});
