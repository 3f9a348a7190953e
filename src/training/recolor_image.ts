/** Random contrast, brightness and erasing, in place. */
import type { ImageShape } from './affine_image.js';
import type { Random } from './random.js';

/** Values that pixels may have. */
export interface PixelRange {
  readonly low: number;
  readonly high: number;
}

/** Limits of the changes. */
export interface Recoloring {
  readonly contrast: number;
  readonly brightness: number;
  readonly erase: number;
}

/** Limits of the area of an erased rectangle, as fractions of the image, and of its height divided by its width. */
const ERASED_AREA = [0.02, 0.33] as const;
const ERASED_ASPECT = [0.3, 3.3] as const;

/**
 * Changes contrast and brightness as Keras's `RandomContrast` and `RandomBrightness`, and erases a rectangle as torchvision's
 * `RandomErasing`, to the middle of the range.
 *
 * @param pixels pixels [height, width, channels], which are changed
 * @param random source of random numbers: one for contrast, one for brightness, five for erasing, where they are above 0
 */
export function recolorImage(
  pixels: Float32Array,
  shape: ImageShape,
  { low, high }: PixelRange,
  { contrast, brightness, erase }: Recoloring,
  random: Random,
): void {
  if (contrast > 0) scaleContrast(pixels, shape.channels, random.between(1 - contrast, 1 + contrast));
  if (brightness > 0) {
    const delta = random.between(-brightness, brightness) * (high - low);
    for (let index = 0; index < pixels.length; index++) pixels[index] = pixels[index]! + delta;
  }
  if (contrast > 0 || brightness > 0) {
    for (let index = 0; index < pixels.length; index++) pixels[index] = Math.min(Math.max(pixels[index]!, low), high);
  }
  if (erase > 0) {
    const words = Array.from({ length: 5 }, () => random.uniform());
    if (words[0]! < erase) eraseRectangle(pixels, shape, (low + high) / 2, words.slice(1));
  }
}

/** Moves each pixel away from the mean of its channel, by a factor. */
function scaleContrast(pixels: Float32Array, channels: number, factor: number): void {
  const count = pixels.length / channels;
  for (let c = 0; c < channels; c++) {
    let sum = 0;
    for (let index = c; index < pixels.length; index += channels) sum += pixels[index]!;
    const mean = sum / count;
    for (let index = c; index < pixels.length; index += channels) {
      pixels[index] = (pixels[index]! - mean) * factor + mean;
    }
  }
}

/** Fills a rectangle; four numbers in [0, 1) give its area, aspect and position. */
function eraseRectangle(
  pixels: Float32Array,
  { height, width, channels }: ImageShape,
  value: number,
  [area = 0, aspect = 0, y = 0, x = 0]: readonly number[],
): void {
  const size = height * width * (ERASED_AREA[0] + area * (ERASED_AREA[1] - ERASED_AREA[0]));
  const [least, most] = ERASED_ASPECT.map(Math.log) as [number, number];
  const ratio = Math.exp(least + aspect * (most - least));
  const rows = Math.min(Math.max(Math.round(Math.sqrt(size * ratio)), 1), height);
  const columns = Math.min(Math.max(Math.round(Math.sqrt(size / ratio)), 1), width);
  const top = Math.floor(y * (height - rows + 1));
  const left = Math.floor(x * (width - columns + 1));
  for (let row = top; row < top + rows; row++) {
    const start = (row * width + left) * channels;
    pixels.fill(value, start, start + columns * channels);
  }
}
