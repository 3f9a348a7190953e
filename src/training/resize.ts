/** Resizes the images of data sets. */
import * as tf from '@tensorflow/tfjs';
import { checkInteger, rangeError } from '../errors.js';
import { checkSplit } from './check_dataset.js';
import { emptyPixels, imageSize, isBytes, type Dataset, type SplitDataset } from './dataset.js';
import { placeImage, type Colour, type Preprocessing } from './preprocessing.js';

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
  return fitSplit(data, { height: size, width: size, fit: 'stretch', background: BLACK });
}

const BLACK = [0, 0, 0] as const;
/** Luma coefficients of ITU-R BT.709, which sRGB uses. */
const LUMA = [0.2126, 0.7152, 0.0722] as const;

/** Size, fit and background of images. */
export type Fitting = Pick<Preprocessing, 'height' | 'width' | 'fit' | 'background'>;

/** Fits the images of a data set to a size; returns the data set itself if it already has this size. */
export function fitSplit(data: SplitDataset, fitting: Fitting): SplitDataset {
  checkSplit(ACTION, data);
  if (data.train.height === fitting.height && data.train.width === fitting.width) return data;
  return { ...data, train: fitImages(data.train, fitting), test: fitImages(data.test, fitting) };
}

function fitImages(dataset: Dataset, fitting: Fitting): Dataset {
  const { channels, labels, preprocessing } = dataset;
  const { height, width } = fitting;
  const oldSize = imageSize(dataset);
  const newSize = height * width * channels;
  if (labels.length * newSize > MAX_VALUES) {
    const rule = `${labels.length} images of size × size × ${channels} must have at most ${MAX_VALUES} values`;
    throw rangeError(ACTION, rule, 'size', height);
  }
  const images = emptyPixels(dataset.images, labels.length * newSize);
  for (let start = 0; start < labels.length; start += IMAGES_AT_A_TIME) {
    const count = Math.min(IMAGES_AT_A_TIME, labels.length - start);
    const part = Float32Array.from(dataset.images.subarray(start * oldSize, (start + count) * oldSize));
    const resized = tf.tidy(() => fit(tf.tensor4d(part, [count, dataset.height, dataset.width, channels]), fitting));
    const values = resized.dataSync();
    images.set(isBytes(images) ? values.map(Math.round) : values, start * newSize);
    resized.dispose();
  }
  return {
    ...dataset,
    images,
    height,
    width,
    ...(preprocessing && { preprocessing: { ...preprocessing, ...fitting } }),
  };
}

function fit(images: tf.Tensor4D, fitting: Fitting): tf.Tensor4D {
  const { height, width } = fitting;
  const [count, oldHeight, oldWidth, channels] = images.shape;
  const place = placeImage({ height: oldHeight, width: oldWidth }, fitting);
  if (fitting.fit === 'contain') {
    const { top, left, height: h, width: w } = place;
    const ground = tf.tensor1d(groundOf(fitting.background, channels));
    const inner = tf.sub(tf.image.resizeBilinear(images, [h, w], false, true), ground);
    const padded = tf.pad(inner, [[0, 0], [top, height - h - top], [left, width - w - left], [0, 0]]); // prettier-ignore
    return tf.add(padded, ground);
  }
  // The part of the image that the input shows, in whole pixels.
  const h = Math.max(1, Math.round((oldHeight * height) / place.height));
  const w = Math.max(1, Math.round((oldWidth * width) / place.width));
  const shown = tf.slice(images, [0, (oldHeight - h) >> 1, (oldWidth - w) >> 1, 0], [count, h, w, channels]);
  return tf.image.resizeBilinear(shown, [height, width], false, true);
}

/** Background in each channel. */
function groundOf(colour: Colour, channels: number): number[] {
  const grey = colour.reduce((sum, value, index) => sum + LUMA[index]! * value, 0);
  return channels === 3 ? [...colour] : new Array<number>(channels).fill(grey);
}
