/** Rows of small square images as one PNG. */
import fs from 'node:fs';
import path from 'node:path';
import { pngDataUrl } from 'tfjs-convolutions/plots';

/** Images side by side. */
export interface PictureRow {
  /** Pixels from 0 to 1, image after image. */
  readonly values: ArrayLike<number>;
  /** Height and width in pixels. */
  readonly size: number;
  /** @default 1 */
  readonly channels?: 1 | 3;
}

const GAP = 2;

/**
 * Draws rows with the first images of each, as a `data:` address of a PNG.
 *
 * @param columns number of images per row
 * @param zoom drawn pixels per pixel of the largest images
 */
export function pictureOf(rows: readonly PictureRow[], columns: number, zoom = 2): Promise<string> {
  const tile = zoom * Math.max(...rows.map(({ size }) => size));
  const [width, height] = [columns * (tile + GAP) - GAP, rows.length * (tile + GAP) - GAP];
  const pixels = new Uint8Array(width * height * 3).fill(255);
  rows.forEach(({ values, size, channels = 1 }, row) => {
    for (let y = 0; y < tile; y++) {
      for (let x = 0; x < columns * tile; x++) {
        const column = Math.floor(x / tile);
        const [py, px] = [Math.floor((y * size) / tile), Math.floor(((x % tile) * size) / tile)];
        const from = ((column * size + py) * size + px) * channels;
        const to = ((row * (tile + GAP) + y) * width + x + column * GAP) * 3;
        for (let c = 0; c < 3; c++) {
          pixels[to + c] = 255 * Math.min(Math.max(values[from + (c % channels)]!, 0), 1);
        }
      }
    }
  });
  return pngDataUrl({ values: pixels, height, width, channels: 3 });
}

/** Writes {@link pictureOf} to a file. */
export async function writePicture(file: string, rows: readonly PictureRow[], columns: number): Promise<void> {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const url = await pictureOf(rows, columns);
  fs.writeFileSync(file, Buffer.from(url.slice(url.indexOf(',') + 1), 'base64'));
}
