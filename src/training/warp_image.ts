/** Linear movements of images and of their masks. */
import type { ImageShape } from './affine_image.js';

/** Positions from which the copy is read: y = down · (y, x, 1), x = along · (y, x, 1), in pixels. */
export interface Warp {
  readonly down: readonly [number, number, number];
  readonly along: readonly [number, number, number];
}

/**
 * Writes a moved copy of an image, with bilinear interpolation; areas outside it are filled with the nearest border pixel.
 *
 * @param image pixels [height, width, channels]
 * @param target array to write the copy to, of the same length
 */
export function warpImage(image: Float32Array, target: Float32Array, shape: ImageShape, { down, along }: Warp): void {
  const { height, width, channels } = shape;
  let element = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const sourceY = clamp(down[0] * y + down[1] * x + down[2], height - 1);
      const sourceX = clamp(along[0] * y + along[1] * x + along[2], width - 1);
      const [top, left] = [Math.floor(sourceY), Math.floor(sourceX)];
      const [below, right] = [Math.min(top + 1, height - 1), Math.min(left + 1, width - 1)];
      const [weightBelow, weightRight] = [sourceY - top, sourceX - left];
      for (let c = 0; c < channels; c++) {
        const [a, b] = [image[(top * width + left) * channels + c]!, image[(top * width + right) * channels + c]!];
        const [d, e] = [image[(below * width + left) * channels + c]!, image[(below * width + right) * channels + c]!];
        const [upper, lower] = [a + (b - a) * weightRight, d + (e - d) * weightRight];
        target[element++] = upper + (lower - upper) * weightBelow;
      }
    }
  }
}

/** Writes a copy of a mask [height, width] moved in the same way: each position takes the nearest class. */
export function warpMask(
  mask: Uint8Array,
  target: Uint8Array,
  { height, width }: Pick<ImageShape, 'height' | 'width'>,
  { down, along }: Warp,
): void {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const row = clamp(Math.round(down[0] * y + down[1] * x + down[2]), height - 1);
      const column = clamp(Math.round(along[0] * y + along[1] * x + along[2]), width - 1);
      target[y * width + x] = mask[row * width + column]!;
    }
  }
}

function clamp(value: number, most: number): number {
  return Math.min(Math.max(value, 0), most);
}
