/** Tiling of a convolution's columns, which bounds memory whatever the size of the batch. */
import * as tf from '@tensorflow/tfjs';
import type { ConvGeometry } from '../../kernel/geometry.js';

/** Maximum number of texels in a tile of columns: 16 MB of float32. */
const TEXELS = 2 ** 20;

/** Output positions [first, first + rows) of a batch. */
export interface Tile {
  readonly first: number;
  readonly rows: number;
}

/** Number of positions per tile if a pair of positions takes `texels` texels; even, and at least 2. */
function rowsPerTile(texels: number): number {
  const side = tf.env().getNumber('WEBGL_MAX_TEXTURE_SIZE');
  return 2 * Math.max(1, Math.floor(Math.min(TEXELS, side * side) / Math.max(texels, 1)));
}

/** Number of texels for a pair of positions in the columns [groups, positions, taps · inChannels / groups]. */
function columnTexels({ kernelHeight, kernelWidth, inChannels, groups }: ConvGeometry): number {
  return groups * Math.ceil((kernelHeight * kernelWidth * inChannels) / groups / 2);
}

/** Divides all positions into tiles of bounded size; one empty tile for an empty batch. */
export function positionTiles(g: ConvGeometry, texels = columnTexels(g)): Tile[] {
  const positions = g.batch * g.outHeight * g.outWidth;
  const rows = rowsPerTile(texels);
  const tiles: Tile[] = [];
  for (let first = 0; first < positions; first += rows) tiles.push({ first, rows: Math.min(rows, positions - first) });
  return tiles.length > 0 ? tiles : [{ first: 0, rows: 0 }];
}

/**
 * Rows [firstRow, firstRow + rowCount) of the input, indexed over the whole batch, with all positions that read them.
 */
export interface InputTile extends Tile {
  readonly firstRow: number;
  readonly rowCount: number;
}

/**
 * Divides all input rows into tiles of bounded size: whole images, or some rows of one image. Adjacent tiles of an
 * image both contain the positions whose windows overlap both, so that every input element is summed within one tile.
 */
export function inputTiles(g: ConvGeometry): InputTile[] {
  const rows = rowsPerTile(columnTexels(g));
  const image = g.outHeight * g.outWidth;
  const tiles: InputTile[] = [];
  if (image <= rows) {
    const images = Math.floor(rows / Math.max(image, 1));
    for (let n = 0; n < g.batch; n += images) {
      const count = Math.min(images, g.batch - n);
      tiles.push({ first: n * image, rows: count * image, firstRow: n * g.inHeight, rowCount: count * g.inHeight });
    }
    return tiles;
  }
  const reach = (g.kernelHeight - 1) * g.dilationHeight;
  const outRows = Math.floor(rows / g.outWidth);
  // The number of input rows that at most `outRows` output rows read; at least one, whatever the size of its columns.
  const step = Math.max(1, (outRows - 1) * g.strideHeight - reach + 1);
  for (let n = 0; n < g.batch; n++) {
    for (let y = 0; y < g.inHeight; y += step) {
      const end = Math.min(y + step, g.inHeight);
      // Output row o reads from o · stride − padTop to o · stride − padTop + reach.
      const from = Math.max(0, Math.ceil((y + g.padTop - reach) / g.strideHeight));
      const to = Math.min(g.outHeight, Math.floor((end - 1 + g.padTop) / g.strideHeight) + 1);
      tiles.push({
        first: (n * g.outHeight + from) * g.outWidth,
        rows: Math.max(0, to - from) * g.outWidth,
        firstRow: n * g.inHeight + y,
        rowCount: end - y,
      });
    }
  }
  return tiles;
}
