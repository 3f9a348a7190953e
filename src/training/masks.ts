/** Masks for segmentation: the class of every pixel, or of every position of a coarser map. */
import type { Motion } from './affine_image.js';

/** Value of the positions that have no class: they count neither in the loss nor in a metric. */
export const IGNORED = 255;

/** Masks of one size. */
export interface Masks {
  /** Classes [count, height, width], indices into the names of the classes, or 255 for none. */
  readonly values: Uint8Array;
  readonly height: number;
  readonly width: number;
}

/** Selects the masks at the given indices, in that order. */
export function selectMasks({ values, height, width }: Masks, indices: ArrayLike<number>): Masks {
  const size = height * width;
  const selected = new Uint8Array(indices.length * size);
  for (let i = 0; i < indices.length; i++) {
    selected.set(values.subarray(indices[i]! * size, (indices[i]! + 1) * size), i * size);
  }
  return { values: selected, height, width };
}

/** Classes as rows [count, height, width, classes] of zeros and ones; all zeros where there is none. */
export function maskTruth({ values }: Masks, classes: number): Float32Array {
  const truth = new Float32Array(values.length * classes);
  values.forEach((value, position) => {
    if (value !== IGNORED) truth[position * classes + value] = 1;
  });
  return truth;
}

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
