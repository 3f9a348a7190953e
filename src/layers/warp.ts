/**
 * Images sampled at given locations. A deformable convolution of one tap with a filter of ones takes the samples, with a
 * gradient on every backend; the fill modes of Keras come from the locations.
 */
import * as tf from '@tensorflow/tfjs';
import { deformConv2d } from '../ops/deform_conv2d/op.js';
import type { Interpolation } from './resize_layer.js';

export const FILL_MODES = ['constant', 'nearest', 'reflect', 'wrap'] as const;

/**
 * Values outside of an image: a constant, the border, the image reflected about its border, or the image repeated.
 *
 * @useDeclaredType
 */
export type FillMode = (typeof FILL_MODES)[number];

/** Values outside of the image, and between pixels. */
export interface WarpOptions {
  readonly fillMode: FillMode;
  readonly fillValue: number;
  readonly interpolation: Interpolation;
}

/** Locations along y and x, in pixels of the input, [n, h, w] or of a shape that broadcasts to it. */
export type Locations = readonly [tf.Tensor3D, tf.Tensor3D];

/**
 * Samples images.
 *
 * @param x [n, h, w, channels]
 * @param locate computes the locations from the output's rows [1, h, 1] and columns [1, 1, w]
 * @returns [n, h, w, channels]
 */
export function warp(
  x: tf.Tensor4D,
  locate: (rows: tf.Tensor3D, columns: tf.Tensor3D) => Locations,
  { fillMode, fillValue, interpolation }: WarpOptions,
): tf.Tensor4D {
  const [, height, width, channels] = x.shape;
  const isConstant = fillMode === 'constant' && fillValue !== 0;
  // What lies outside counts as 0.
  const image: tf.Tensor4D = fillMode === 'wrap' ? repeatFirst(x) : isConstant ? tf.sub(x, fillValue) : x;
  const [n, imageHeight, imageWidth] = image.shape;
  const rows = tf.reshape<tf.Rank.R3>(tf.range(0, imageHeight), [1, -1, 1]);
  const columns = tf.reshape<tf.Rank.R3>(tf.range(0, imageWidth), [1, 1, -1]);
  const offsets = locate(rows, columns).map((location, axis) => {
    const whole = interpolation === 'nearest' ? tf.floor(tf.add(location, 0.5)) : location;
    const inside = intoImage(whole, [height, width][axis]!, fillMode);
    return tf.broadcastTo(tf.sub(inside, axis === 0 ? rows : columns), [n, imageHeight, imageWidth]);
  });
  const filter = tf.ones<tf.Rank.R4>([1, 1, 1, channels]);
  const sampled = deformConv2d(image, tf.stack(offsets, 3) as tf.Tensor4D, filter, { groups: channels });
  if (fillMode === 'wrap') return tf.slice(sampled, [0, 0, 0, 0], [-1, height, width, -1]);
  return isConstant ? tf.add(sampled, fillValue) : sampled;
}

/** Appends the first row and column, the neighbours of the last ones in an image that is repeated. */
function repeatFirst(x: tf.Tensor4D): tf.Tensor4D {
  const higher: tf.Tensor4D = tf.concat([x, tf.slice(x, [0, 0, 0, 0], [-1, 1, -1, -1])], 1);
  return tf.concat([higher, tf.slice(higher, [0, 0, 0, 0], [-1, -1, 1, -1])], 2);
}

/** Maps locations along an axis to those in the image with the same value. */
function intoImage(location: tf.Tensor, length: number, fillMode: FillMode): tf.Tensor {
  switch (fillMode) {
    case 'constant':
      return location;
    case 'nearest':
      return tf.clipByValue(location, 0, length - 1);
    case 'wrap':
      return modulo(location, length);
    case 'reflect': {
      const phase = modulo(tf.add(location, 0.5), 2 * length);
      const reflected = tf.sub(length - 0.5, tf.abs(tf.sub(phase, length)));
      return tf.clipByValue(reflected, 0, length - 1);
    }
  }
}

/** The remainder in [0, period); not every backend has it as a kernel. */
function modulo(x: tf.Tensor, period: number): tf.Tensor {
  return tf.sub(x, tf.mul(tf.floor(tf.div(x, period)), period));
}
