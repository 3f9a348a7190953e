/**
 * Random changes of the training images. The content is flipped, rotated, scaled around the centre and shifted, with bilinear
 * interpolation; areas outside the image are filled with the nearest border pixel. Then colours change.
 */
import { checkNumber, checkOneOf, isPlainObject, rangeError, typeError } from '../errors.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import { moveImage, type ImageShape, type Motion } from './affine_image.js';
import { checkBelowOne } from './checks.js';
import { isBytes, type ImagePixels } from './dataset.js';
import { applyOperations, checkRandAugment, drawOperations, type RandAugment } from './rand_augment.js';
import type { Random } from './random.js';
import { recolorImage } from './recolor_image.js';

const FLIPS = ['horizontal', 'vertical', 'both'] as const;

/** Limits of random changes during training. */
export interface Augmentation {
  /** Largest change of scale, the same on both axes: content is scaled by 1 − zoom to 1 + zoom. @default 0.1 */
  readonly zoom: number;
  /** Largest shift along each axis, as a fraction of the image's size. @default 0.1 */
  readonly shift: number;
  /** Axes along which half of the images are flipped: `'horizontal'` swaps left and right. @default none */
  readonly flip?: (typeof FLIPS)[number];
  /** Largest rotation in degrees, in either direction, up to 180. @default 0 */
  readonly rotate?: number;
  /** Largest change of contrast: differences from the mean are scaled by 1 − contrast to 1 + contrast. @default 0 */
  readonly contrast?: number;
  /** Largest change of brightness, as a fraction of the range of pixels (0 to 255, or −1 to 1 for floats). @default 0 */
  readonly brightness?: number;
  /** Operations drawn for each image after its movement: RandAugment. @default none */
  readonly rand?: RandAugment;
  /** Fraction of the images of which a rectangle is erased. @default 0 */
  readonly erase?: number;
  /** Parameter of the distribution of weights with which images and labels are mixed, up to 4. @default 0, for none */
  readonly mixup?: number;
  /** The same for images into which a rectangle of another one is pasted. @default 0, for none */
  readonly cutmix?: number;
}

export const DEFAULT_AUGMENTATION: Augmentation = { zoom: 0.1, shift: 0.1 };

/** Names of all changes. */
export const AUGMENTATION_OPTIONS: OptionNames<Augmentation> = {
  zoom: true,
  shift: true,
  flip: true,
  rotate: true,
  contrast: true,
  brightness: true,
  rand: true,
  erase: true,
  mixup: true,
  cutmix: true,
};

/** For every pixel along one axis: its two source pixels and the weight of the second. */
interface AxisSamples {
  readonly first: Uint32Array;
  readonly second: Uint32Array;
  readonly weight: Float64Array;
}

/** Returns the augmentation if it is valid; throws otherwise. */
export function checkAugmentation(augmentation: Augmentation): Augmentation {
  if (!isPlainObject(augmentation)) {
    const rule = 'augmentation must be false for none, or an object of zoom, shift and others';
    throw typeError('train', rule, 'augmentation', augmentation);
  }
  checkOptions('train', augmentation, AUGMENTATION_OPTIONS);
  const { zoom, shift }: { readonly zoom: number; readonly shift: unknown } = augmentation;
  checkBelowOne('train', 'zoom', zoom);
  if (typeof shift !== 'number') throw typeError('train', 'shift must be from 0 to 1', 'shift', shift);
  if (!(shift >= 0 && shift <= 1)) throw rangeError('train', 'shift must be from 0 to 1', 'shift', shift);
  const { flip, rotate = 0, contrast = 0, brightness = 0, rand, erase = 0, mixup = 0, cutmix = 0 } = augmentation;
  if (flip !== undefined) checkOneOf('train', 'flip', flip, FLIPS);
  checkNumber('train', 'rotate', rotate, { from: 0, to: 180 });
  checkBelowOne('train', 'contrast', contrast);
  checkNumber('train', 'brightness', brightness, { from: 0, to: 1 });
  if (rand !== undefined) checkRandAugment(rand);
  checkNumber('train', 'erase', erase, { from: 0, to: 1 });
  // The sampling of the weights gets slow for a large parameter.
  checkNumber('train', 'mixup', mixup, { from: 0, to: 4 });
  checkNumber('train', 'cutmix', cutmix, { from: 0, to: 4 });
  return augmentation;
}

/**
 * Writes a randomly changed copy of an image; mixing with others is up to {@link mixBatch}.
 *
 * @param image pixels [height, width, channels]
 * @param target array to write the copy to, of the same length
 * @param shape height, width and channels of the image
 * @param augmentation limits of the changes
 * @param random source of random numbers, of which three are drawn for zoom and shift, and the others after them
 */
export function augmentImage(
  image: ImagePixels,
  target: Float32Array,
  shape: ImageShape,
  augmentation: Augmentation,
  random: Random,
): void {
  const motion = drawMotion(augmentation, shape, random);
  const { flip, rotate = 0, contrast = 0, brightness = 0, rand, erase = 0 } = augmentation;
  if (flip === undefined && rotate === 0) {
    zoomImage(image, target, shape, motion);
  } else {
    moveImage(image, target, shape, motion);
  }
  const range = isBytes(image) ? { low: 0, high: 255 } : { low: -1, high: 1 };
  if (rand) applyOperations(target, shape, range, drawOperations(rand, random));
  recolorImage(target, shape, range, { contrast, brightness, erase }, random);
}

/** Draws the movement of an image, or of its mask, from the first random numbers of the image. */
export function drawMotion(
  { zoom, shift, flip, rotate = 0 }: Augmentation,
  { height, width }: { readonly height: number; readonly width: number },
  random: Random,
): Motion {
  return {
    zoom: random.between(1 - zoom, 1 + zoom),
    shift: [random.between(-shift, shift) * height, random.between(-shift, shift) * width],
    flipColumns: flip !== undefined && flip !== 'vertical' && random.uniform() < 0.5,
    flipRows: flip !== undefined && flip !== 'horizontal' && random.uniform() < 0.5,
    angle: rotate > 0 ? (random.between(-rotate, rotate) * Math.PI) / 180 : 0,
  };
}

/** Writes a zoomed and shifted copy: rows and columns are sampled independently. */
function zoomImage(
  image: ImagePixels,
  target: Float32Array,
  { height, width, channels }: ImageShape,
  { zoom, shift: [down, along] }: Motion,
): void {
  const rows = sampleAxis(height, zoom, down);
  const columns = sampleAxis(width, zoom, along);
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
