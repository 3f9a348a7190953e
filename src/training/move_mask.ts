/** Movement of masks together with their images. */
import type { Motion } from './affine_image.js';

/**
 * Writes a copy of a mask moved as `moveImage` moves its image: each position takes the class that is nearest to where the
 * image is read.
 *
 * @param mask classes [height, width]
 * @param target array to write the copy to, of the same length
 * @param motion movement, with the shift in positions of the mask
 */
export function moveMask(
  mask: Uint8Array,
  target: Uint8Array,
  { height, width }: { readonly height: number; readonly width: number },
  motion: Motion,
): void {
  const [centreY, centreX] = [(height - 1) / 2, (width - 1) / 2];
  const [cos, sin] = [Math.cos(motion.angle) / motion.zoom, Math.sin(motion.angle) / motion.zoom];
  const nearest = (at: number, size: number): number => Math.min(Math.max(Math.round(at), 0), size - 1);
  for (let y = 0; y < height; y++) {
    const fromCentreY = y - centreY - motion.shift[0];
    for (let x = 0; x < width; x++) {
      const fromCentreX = x - centreX - motion.shift[1];
      const down = sin * fromCentreX + cos * fromCentreY;
      const right = cos * fromCentreX - sin * fromCentreY;
      const row = nearest(centreY + (motion.flipRows ? -down : down), height);
      const column = nearest(centreX + (motion.flipColumns ? -right : right), width);
      target[y * width + x] = mask[row * width + column]!;
    }
  }
}
