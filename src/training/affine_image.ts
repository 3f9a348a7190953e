/** Random flip and rotation together with zoom and shift, as one bilinear resampling. */
import type { ImagePixels } from './dataset.js';

/** Size of an image. */
export interface ImageShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Movement of the content of an image: it is flipped, then rotated about the centre, then scaled, then shifted. */
export interface Motion {
  /** Factor of scale. */
  readonly zoom: number;
  /** Shift in pixels, downwards and to the right. */
  readonly shift: readonly [number, number];
  readonly flipRows: boolean;
  readonly flipColumns: boolean;
  /** Angle in radians, counterclockwise. */
  readonly angle: number;
}

/**
 * Writes a moved copy of an image; areas outside it are filled with the nearest border pixel.
 *
 * @param image pixels [height, width, channels]
 * @param target array to write the copy to, of the same length
 */
export function moveImage(image: ImagePixels, target: Float32Array, shape: ImageShape, motion: Motion): void {
  const { height, width, channels } = shape;
  const [centreY, centreX] = [(height - 1) / 2, (width - 1) / 2];
  const [cos, sin] = [Math.cos(motion.angle) / motion.zoom, Math.sin(motion.angle) / motion.zoom];
  let element = 0;
  for (let y = 0; y < height; y++) {
    const fromCentreY = y - centreY - motion.shift[0];
    for (let x = 0; x < width; x++) {
      const fromCentreX = x - centreX - motion.shift[1];
      // Rows count downwards, so a counterclockwise rotation of the content reads clockwise from there.
      const rotatedY = sin * fromCentreX + cos * fromCentreY;
      const rotatedX = cos * fromCentreX - sin * fromCentreY;
      const sourceY = clamp(centreY + (motion.flipRows ? -rotatedY : rotatedY), height - 1);
      const sourceX = clamp(centreX + (motion.flipColumns ? -rotatedX : rotatedX), width - 1);
      const [top, left] = [Math.floor(sourceY), Math.floor(sourceX)];
      const [down, right] = [sourceY - top, sourceX - left];
      const above = top * width;
      const below = Math.min(top + 1, height - 1) * width;
      const next = Math.min(left + 1, width - 1);
      for (let c = 0; c < channels; c++) {
        const topLeft = image[(above + left) * channels + c]!;
        const bottomLeft = image[(below + left) * channels + c]!;
        const first = topLeft + (image[(above + next) * channels + c]! - topLeft) * right;
        const second = bottomLeft + (image[(below + next) * channels + c]! - bottomLeft) * right;
        target[element++] = first + (second - first) * down;
      }
    }
  }
}

function clamp(value: number, most: number): number {
  return Math.min(Math.max(value, 0), most);
}
