/**
 * Random zoom and shift of an image. The content is scaled around the centre and shifted, with bilinear interpolation;
 * areas outside the image are filled with the nearest border pixel.
 */
import { isPlainObject, rangeError, typeError } from '../errors.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import { checkBelowOne } from './checks.js';
import type { ImagePixels } from './dataset.js';
import type { Random } from './random.js';

/** Limits of random zoom and shift during training. */
export interface Augmentation {
  /** Largest change of scale, the same on both axes: content is scaled by 1 − zoom to 1 + zoom. @default 0.1 */
  readonly zoom: number;
  /** Largest shift along each axis, as a fraction of the image's size. @default 0.1 */
  readonly shift: number;
}

export const DEFAULT_AUGMENTATION: Augmentation = { zoom: 0.1, shift: 0.1 };

interface ImageShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** For every pixel along one axis: its two source pixels and the weight of the second. */
interface AxisSamples {
  readonly first: Uint32Array;
  readonly second: Uint32Array;
  readonly weight: Float64Array;
}

const OPTIONS: OptionNames<Augmentation> = { zoom: true, shift: true };

/** Returns the augmentation if it is valid; throws otherwise. */
export function checkAugmentation(augmentation: Augmentation): Augmentation {
  if (!isPlainObject(augmentation)) {
    const rule = 'augmentation must be false for none, or an object of zoom and shift';
    throw typeError('train', rule, 'augmentation', augmentation);
  }
  checkOptions('train', augmentation, OPTIONS);
  const { zoom, shift }: { readonly zoom: number; readonly shift: unknown } = augmentation;
  checkBelowOne('train', 'zoom', zoom);
  if (typeof shift !== 'number') throw typeError('train', 'shift must be from 0 to 1', 'shift', shift);
  if (!(shift >= 0 && shift <= 1)) throw rangeError('train', 'shift must be from 0 to 1', 'shift', shift);
  return augmentation;
}

/**
 * Writes a randomly zoomed and shifted copy of an image.
 *
 * @param image pixels [height, width, channels]
 * @param target array to write the copy to, of the same length
 * @param shape height, width and channels of the image
 * @param augmentation limits of zoom and shift
 * @param random source of random numbers, of which three are drawn
 */
export function augmentImage(
  image: ImagePixels,
  target: Float32Array,
  shape: ImageShape,
  augmentation: Augmentation,
  random: Random,
): void {
  const { height, width, channels } = shape;
  const zoom = random.between(1 - augmentation.zoom, 1 + augmentation.zoom);
  const rows = sampleAxis(height, zoom, random.between(-augmentation.shift, augmentation.shift) * height);
  const columns = sampleAxis(width, zoom, random.between(-augmentation.shift, augmentation.shift) * width);
  let element = 0;
  for (let y = 0; y < height; y++) {
    const above = rows.first[y]! * width;
    const below = rows.second[y]! * width;
    const weightBelow = rows.weight[y]!;
    for (let x = 0; x < width; x++) {
      const left = columns.first[x]!;
      const right = columns.second[x]!;
      const weightRight = columns.weight[x]!;
      for (let c = 0; c < channels; c++) {
        const topLeft = image[(above + left) * channels + c]!;
        const topRight = image[(above + right) * channels + c]!;
        const bottomLeft = image[(below + left) * channels + c]!;
        const bottomRight = image[(below + right) * channels + c]!;
        const top = topLeft + (topRight - topLeft) * weightRight;
        const bottom = bottomLeft + (bottomRight - bottomLeft) * weightRight;
        target[element++] = top + (bottom - top) * weightBelow;
      }
    }
  }
}

function sampleAxis(size: number, zoom: number, shift: number): AxisSamples {
  const first = new Uint32Array(size);
  const second = new Uint32Array(size);
  const weight = new Float64Array(size);
  const centre = (size - 1) / 2;
  for (let pixel = 0; pixel < size; pixel++) {
    const source = Math.min(Math.max((pixel - centre - shift) / zoom + centre, 0), size - 1);
    first[pixel] = Math.floor(source);
    second[pixel] = Math.min(Math.floor(source) + 1, size - 1);
    weight[pixel] = source - Math.floor(source);
  }
  return { first, second, weight };
}
