/**
 * Labelled images in memory, channels last. Images are bytes (0 to 255), which a network sees as numbers of [−1, 1], as
 * the networks of keras.applications expect them; or floats, which it sees as they are.
 */
import { checkInteger } from '../errors.js';
import { augmentImage, type Augmentation } from './augmentation.js';
import { checkDataset } from './check_dataset.js';
import { Random } from './random.js';

/** Pixels as bytes from 0 to 255, or as floats; a canvas gives clamped bytes. */
export type Pixels = Uint8Array | Uint8ClampedArray | Float32Array;

/** Labelled images of one size. */
export interface Dataset {
  /** Pixels [count, height, width, channels], all of them finite. */
  readonly images: Pixels;
  /** Class of each image, an index into `classNames`. */
  readonly labels: Int32Array;
  /** Height of an image in pixels. */
  readonly height: number;
  /** Width of an image in pixels. */
  readonly width: number;
  /** Channels of an image: 1 for grey, 3 for colour. */
  readonly channels: number;
  /** Name of each class. */
  readonly classNames: readonly string[];
}

/** Images to train on, and others that training never sees. */
export interface SplitDataset {
  /** What the data is called, such as the name of its folder. */
  readonly name: string;
  readonly train: Dataset;
  readonly test: Dataset;
}

/** Where the random changes of one epoch come from. */
export interface EpochAugmentation {
  readonly augmentation: Augmentation;
  /** Seed of the run. */
  readonly seed: number;
  /** Number of the epoch, from 0. */
  readonly epoch: number;
}

/** Elements of one image. */
export function imageSize(dataset: Dataset): number {
  return dataset.height * dataset.width * dataset.channels;
}

/** Whether pixels are bytes, which are scaled before a network sees them. */
export function isBytes(images: Pixels): images is Uint8Array | Uint8ClampedArray {
  return images.BYTES_PER_ELEMENT === 1;
}

/** An array of zeros for pixels of the same kind. */
export function emptyPixels(like: Pixels, length: number): Pixels {
  if (like instanceof Uint8ClampedArray) return new Uint8ClampedArray(length);
  return isBytes(like) ? new Uint8Array(length) : new Float32Array(length);
}

/** The images at the given places, in their order. */
export function selectImages(dataset: Dataset, indices: ArrayLike<number>): Dataset {
  const size = imageSize(dataset);
  const count = indices.length;
  const images = emptyPixels(dataset.images, count * size);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const index = indices[i]!;
    images.set(dataset.images.subarray(index * size, (index + 1) * size), i * size);
    labels[i] = dataset.labels[index]!;
  }
  return { ...dataset, images, labels };
}

/**
 * The first `count` images.
 *
 * @param dataset images to choose from
 * @param count how many; a data set with fewer is returned whole
 * @returns a data set of copies
 * @throws RangeError if the count is less than 1, or the data set does not fit together
 * @example
 * ```ts
 * import { loadMnist, takeFirst } from 'tfjs-convolutions/training';
 *
 * const { train } = await loadMnist();
 * console.log(takeFirst(train, 100).images.length); // 78400
 * ```
 */
export function takeFirst(dataset: Dataset, count: number): Dataset {
  checkInteger('take the first images', 'count', count, 1);
  checkDataset('take the first images', dataset);
  const taken = Math.min(count, dataset.labels.length);
  return selectImages(
    dataset,
    Uint32Array.from({ length: taken }, (_, index) => index),
  );
}

/**
 * Pixels of the chosen images as a network takes them: floats, [indices.length, height, width, channels].
 *
 * @param dataset images to choose from
 * @param indices places of the chosen images
 * @param epoch random changes to apply; without it the images stay as they are
 */
export function batchPixels(dataset: Dataset, indices: ArrayLike<number>, epoch?: EpochAugmentation): Float32Array {
  const size = imageSize(dataset);
  const isScaled = isBytes(dataset.images);
  const pixels = new Float32Array(indices.length * size);
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]!;
    const image = dataset.images.subarray(index * size, (index + 1) * size);
    const target = pixels.subarray(i * size, (i + 1) * size);
    if (epoch) {
      augmentImage(
        image,
        target,
        dataset,
        epoch.augmentation,
        new Random(epoch.seed, 'augmentation', epoch.epoch, index),
      );
    } else {
      target.set(image);
    }
    if (isScaled) for (let element = 0; element < size; element++) target[element] = target[element]! / 127.5 - 1;
  }
  return pixels;
}
