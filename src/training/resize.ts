/** Data sets of another image size. */
import * as tf from '@tensorflow/tfjs';
import { checkInteger } from '../errors.js';
import { imageSize, type Dataset, type SplitDataset } from './dataset.js';

const IMAGES_AT_A_TIME = 256;

/**
 * The data set with images of size × size, bilinear with pixel centres aligned at halves.
 *
 * @param data images of any size
 * @param size height and width in pixels
 * @returns the data set itself where it has the size already
 */
export function resizeSplit(data: SplitDataset, size: number): SplitDataset {
  checkInteger('resize images', 'size', size, 1);
  if (data.train.height === size && data.train.width === size) return data;
  return { ...data, train: resizeImages(data.train, size), test: resizeImages(data.test, size) };
}

function resizeImages(dataset: Dataset, size: number): Dataset {
  const { height, width, channels, labels } = dataset;
  const oldSize = imageSize(dataset);
  const newSize = size * size * channels;
  const isBytes = dataset.images instanceof Uint8Array;
  const images = isBytes ? new Uint8Array(labels.length * newSize) : new Float32Array(labels.length * newSize);
  for (let start = 0; start < labels.length; start += IMAGES_AT_A_TIME) {
    const count = Math.min(IMAGES_AT_A_TIME, labels.length - start);
    const part = Float32Array.from(dataset.images.subarray(start * oldSize, (start + count) * oldSize));
    const resized = tf.tidy(() =>
      tf.image.resizeBilinear(tf.tensor4d(part, [count, height, width, channels]), [size, size], false, true),
    );
    const values = resized.dataSync();
    images.set(isBytes ? values.map(Math.round) : values, start * newSize);
    resized.dispose();
  }
  return { ...dataset, images, height: size, width: size };
}
