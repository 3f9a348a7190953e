/** Average pooling: the mean of the pixels in every window. x [n, h, w, channels]. */
import type * as tf from '@tensorflow/tfjs';
import { pool, type Pool2DOptions } from '../pool_window.js';
import { AVG_POOL2D } from './kernels.js';

/**
 * Average pooling of an image or a batch of images. A window that extends past the border averages only the pixels
 * inside the image, as in Keras (and in torch with `count_include_pad=False`).
 *
 * Differentiable in `x`, to any order.
 *
 * @param x [n, h, w, channels] or [h, w, channels], float32
 * @param options poolSize, strides (poolSize by default) and padding in pixels, (y, x); see {@link Pool2DOptions}
 * @returns [n, outHeight, outWidth, channels], without n if x has none
 * @throws TypeError for a wrong kind, dtype or option; RangeError for an empty output, or for padding large enough to
 * contain a whole window
 * @see Keras's AveragePooling2D
 * @example
 * ```ts
 * const x = tf.tensor3d([[[2], [4], [5]]]);
 * const y = conv.avgPool2d(x, { poolSize: [1, 2], padding: 'same' });
 * console.log(y.flatten().arraySync()); // [3, 5]
 * ```
 */
export function avgPool2d<T extends tf.Tensor3D | tf.Tensor4D>(x: T, options: Pool2DOptions, ...more: never[]): T {
  return pool('avgPool2d', AVG_POOL2D.forward, x, options, more);
}
