/**
 * Labelled images in memory, channels last. Pixels are bytes (0 to 255), which are scaled for the network, by default to
 * [−1, 1] as the networks of keras.applications expect; or floats, which are not scaled.
 */
import { selectMasks, type Masks } from './masks.js';
import { selectRows } from './multi_hot.js';
import type { Preprocessing } from './preprocessing.js';

/** Pixels as bytes from 0 to 255 (clamped bytes if they come from a canvas), or as floats. */
export type ImagePixels = Uint8Array | Uint8ClampedArray | Float32Array;

/** Labelled images of one size. */
export interface Dataset {
  /** Pixels [count, height, width, channels], all of them finite. */
  readonly images: ImagePixels;
  /** Class of each image, an index into `classNames`. */
  readonly labels: Int32Array;
  /** Height of an image in pixels. */
  readonly height: number;
  /** Width of an image in pixels. */
  readonly width: number;
  /** Number of channels of an image: 1 for greyscale, 3 for colour. */
  readonly channels: number;
  /** Name of each class. */
  readonly classNames: readonly string[];
  /** Preprocessing of the images, which scales bytes for the network. @default cropped, and scaled to [−1, 1] */
  readonly preprocessing?: Preprocessing;
  /**
   * Class of each position, for segmentation; a label is then that of the image as a whole, which only splits and pictures
   * go by. @default none, for classification
   */
  readonly masks?: Masks;
  /**
   * Classes of images that may have several or none, 0 or 1 each: [count, classes]. A label is then the first class of the
   * image, or 0 without one, which only pictures go by. @default none, for one class in each image
   */
  readonly multiHot?: Uint8Array;
}

/** Training images, and test images that training never sees. */
export interface SplitDataset {
  /** Name of the data set, such as the name of its folder. */
  readonly name: string;
  readonly train: Dataset;
  readonly test: Dataset;
}

/** Number of elements of one image. */
export function imageSize(dataset: Dataset): number {
  return dataset.height * dataset.width * dataset.channels;
}

/** Tests for byte pixels, which are scaled before they enter a network. */
export function isBytes(images: ImagePixels): images is Uint8Array | Uint8ClampedArray {
  return images.BYTES_PER_ELEMENT === 1;
}

/** Creates an array of zeros for pixels of the same type. */
export function emptyPixels(like: ImagePixels, length: number): ImagePixels {
  if (like instanceof Uint8ClampedArray) return new Uint8ClampedArray(length);
  return isBytes(like) ? new Uint8Array(length) : new Float32Array(length);
}

/** Selects the images at the given indices, in that order. */
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
  return {
    ...dataset,
    images,
    labels,
    ...(dataset.masks && { masks: selectMasks(dataset.masks, indices) }),
    ...(dataset.multiHot && { multiHot: selectRows(dataset.multiHot, dataset.classNames.length, indices) }),
  };
}
