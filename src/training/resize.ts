/** Resizes the images of data sets. */
import * as tf from '@tensorflow/tfjs';
import { checkInteger, rangeError } from '../errors.js';
import { checkSplit } from './check_dataset.js';
import { emptyPixels, imageSize, isBytes, type Dataset, type SplitDataset } from './dataset.js';

const ACTION = 'resize images';
const IMAGES_AT_A_TIME = 256;
/** Most elements of a typed array that every JavaScript engine supports. */
const MAX_VALUES = 2 ** 31 - 1;

/**
 * Resizes the images of a data set to size × size, with bilinear interpolation and half-pixel centres.
 *
 * @param data images of any size
 * @param size height and width in pixels
 * @returns the resized data set, or the data set itself if it already has this size
 * @throws RangeError if the size is not a positive integer or too large for one array
 */
export function resizeSplit(data: SplitDataset, size: number): SplitDataset {
  checkInteger(ACTION, 'size', size, 1);
  checkSplit(ACTION, data);
  if (data.train.height === size && data.train.width === size) return data;
  return { ...data, train: resizeImages(data.train, size), test: resizeImages(data.test, size) };
}

function resizeImages(dataset: Dataset, size: number): Dataset {
  const { height, width, channels, labels } = dataset;
  const oldSize = imageSize(dataset);
  const newSize = size * size * channels;
  if (labels.length * newSize > MAX_VALUES) {
    const rule = `${labels.length} images of size × size × ${channels} must have at most ${MAX_VALUES} values`;
    throw rangeError(ACTION, rule, 'size', size);
  }
  const images = emptyPixels(dataset.images, labels.length * newSize);
  for (let start = 0; start < labels.length; start += IMAGES_AT_A_TIME) {
    const count = Math.min(IMAGES_AT_A_TIME, labels.length - start);
    const part = Float32Array.from(dataset.images.subarray(start * oldSize, (start + count) * oldSize));
    const resized = tf.tidy(() =>
      tf.image.resizeBilinear(tf.tensor4d(part, [count, height, width, channels]), [size, size], false, true),
    );
    const values = resized.dataSync();
    images.set(isBytes(images) ? values.map(Math.round) : values, start * newSize);
    resized.dispose();
  }
  return { ...dataset, images, height: size, width: size };
}
