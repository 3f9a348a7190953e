/** The images of a data set as an epoch of training changes them. */
import { checkInteger, typeError } from '../errors.js';
import { MAX_SEED } from '../kernel/philox.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import { augmentImage, checkAugmentation, DEFAULT_AUGMENTATION, type Augmentation } from './augmentation.js';
import { checkDataset } from './check_dataset.js';
import { emptyPixels, imageSize, type Dataset } from './dataset.js';
import { isSource } from './image_source.js';
import { Random } from './random.js';

const ACTION = 'augment images';

/** Options of {@link augmentImages}. */
export interface AugmentImagesOptions {
  /** Limits of the changes; `mixup` and `cutmix`, which mix images, are ignored. @default { zoom: 0.1, shift: 0.1 } */
  readonly augmentation?: Augmentation;
  /** Random seed, an integer from 0 to 2³² − 1. @default 0 */
  readonly seed?: number;
  /** Number of the epoch, from 0: each changes the images in another way. @default 0 */
  readonly epoch?: number;
}

const OPTIONS: OptionNames<AugmentImagesOptions> = { augmentation: true, seed: true, epoch: true };

/**
 * Copies a data set with randomly changed images: those of a run of `Trainer` with the same seed, in one epoch.
 *
 * @param images images in memory, without masks
 * @param options limits, seed and epoch; see {@link AugmentImagesOptions}
 * @returns images of the same type; bytes are rounded
 * @throws TypeError or RangeError if the images or an option are invalid
 * @example
 * ```ts
 * import { augmentImages, loadMnist, takeFirst } from 'tfjs-convolutions/training';
 *
 * const { train } = await loadMnist();
 * const { images } = augmentImages(takeFirst(train, 2), { seed: 1 });
 * console.log(images.length); // 1568
 * ```
 */
export function augmentImages(images: Dataset, options: AugmentImagesOptions = {}): Dataset {
  checkOptions(ACTION, options, OPTIONS);
  checkDataset(ACTION, images);
  if (isSource(images)) throw typeError(ACTION, 'the images must be in memory', 'images', images);
  if (images.masks) throw typeError(ACTION, 'the images must have no masks', 'masks', images.masks);
  const augmentation = checkAugmentation(options.augmentation ?? DEFAULT_AUGMENTATION);
  const seed = checkInteger(ACTION, 'seed', options.seed ?? 0, 0, MAX_SEED);
  const epoch = checkInteger(ACTION, 'epoch', options.epoch ?? 0, 0, MAX_SEED);
  const size = imageSize(images);
  const pixels = emptyPixels(images.images, images.images.length);
  const target = new Float32Array(size);
  for (let index = 0; index < images.labels.length; index++) {
    const part = [index * size, (index + 1) * size] as const;
    const random = new Random(seed, 'augmentation', epoch, index);
    augmentImage(images.images.subarray(...part), target, images, augmentation, random);
    pixels.set(pixels instanceof Float32Array ? target : target.map(Math.round), part[0]);
  }
  return { ...images, images: pixels };
}
