/**
 * Restoration tasks on handwritten digits: noisy or downsampled. Images are square and grey, from 0 to 1, one after
 * another.
 */
import * as tf from '@tensorflow/tfjs';
import type { Dataset } from 'tfjs-convolutions/training';
import { bicubic, filterEach } from './filters.js';

/** Height and width in pixels. */
export const DIGIT_SIZE = 28;

/** Standard deviation of the noise. */
const NOISE = 0.4;

/** Digits with and without noise; a seed always gives the same noise. */
export function addNoise(
  digits: Dataset,
  seed: number,
): { readonly clean: Float32Array; readonly noisy: Float32Array } {
  const clean = pixelsOf(digits);
  const noise = tf.randomNormal([clean.length], 0, NOISE, 'float32', seed);
  const noisy = noise.dataSync().map((value, index) => Math.min(Math.max(clean[index]! + value, 0), 1));
  noise.dispose();
  return { clean, noisy: noisy as Float32Array };
}

/** Digits, and the same at half their height and width. */
export function makeSmall(digits: Dataset): { readonly large: Float32Array; readonly small: Float32Array } {
  const large = pixelsOf(digits);
  return { large, small: filterEach(large, DIGIT_SIZE, bicubic(DIGIT_SIZE / 2)) };
}

/** The images as a tensor [count, size, size, 1]. */
export function greyImages(pixels: Float32Array, size: number): tf.Tensor4D {
  return tf.tensor4d(pixels, [pixels.length / size ** 2, size, size, 1]);
}

function pixelsOf({ images }: Dataset): Float32Array {
  return Float32Array.from(images, (value) => value / 255);
}
