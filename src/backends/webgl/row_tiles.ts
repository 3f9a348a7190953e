/** Tiling of an image operator over rows, which bounds scratch memory whatever the size of the batch. */
import * as tf from '@tensorflow/tfjs';

/** Maximum number of texels in a scratch texture: 16 MB of float32. */
const TEXELS = 2 ** 20;

/** Most texels that a scratch texture should have; lines of any length that fits into a row fill at least half of it. */
export function mostTexels(): number {
  const side = tf.env().getNumber('WEBGL_MAX_TEXTURE_SIZE');
  return Math.min(TEXELS, (side * side) / 2);
}

/** Rows [row, row + rows) of images [image, image + images): all rows of some images, or some rows of one image. */
export interface RowTile {
  readonly image: number;
  readonly images: number;
  readonly row: number;
  readonly rows: number;
}

/**
 * Divides all rows of a batch into tiles; one empty tile for an empty batch.
 *
 * @param texelsOf texels of the scratch memory for some rows of one image, an affine function
 */
export function rowTiles(batch: number, height: number, texelsOf: (rows: number) => number): RowTile[] {
  const most = mostTexels();
  const tiles: RowTile[] = [];
  const whole = texelsOf(height);
  if (whole <= most) {
    const images = Math.max(1, Math.floor(most / Math.max(whole, 1)));
    for (let image = 0; image < batch; image += images) {
      tiles.push({ image, images: Math.min(images, batch - image), row: 0, rows: height });
    }
  } else {
    const rows = Math.max(1, Math.floor((most - texelsOf(0)) / (texelsOf(1) - texelsOf(0))));
    for (let image = 0; image < batch; image++) {
      for (let row = 0; row < height; row += rows) {
        tiles.push({ image, images: 1, row, rows: Math.min(rows, height - row) });
      }
    }
  }
  return tiles.length > 0 ? tiles : [{ image: 0, images: 0, row: 0, rows: 0 }];
}
