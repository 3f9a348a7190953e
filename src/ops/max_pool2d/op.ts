/** Max pooling: the largest pixel of every window. x [n, h, w, channels]. */
import type * as tf from '@tensorflow/tfjs';
import { pool, type Pool2DOptions } from '../pool_window.js';
import { MAX_POOL2D } from './names.js';

/**
 * Max pooling of an image or a batch of images; what lies outside the image takes no part.
 *
 * The gradient of a window goes to its largest pixel: of several equal ones to the first, row by row, as in torch and
 * TensorFlow. A NaN counts as larger than every number, so a window with one is NaN; of several the last has the gradient,
 * as in torch. Differentiable in `x`, any number of times.
 *
 * @param x [n, h, w, channels] or [h, w, channels], float32
 * @param options poolSize, strides (poolSize by default) and padding in pixels, (y, x); see {@link Pool2DOptions}
 * @returns [n, outHeight, outWidth, channels], or without n where x had none
 * @throws TypeError for a wrong kind, dtype or option; RangeError for an empty output, and for padding with a whole window in it
 * @see torch.nn.functional.max_pool2d; Keras's MaxPooling2D
 * @example
 * ```ts
 * const x = tf.tensor3d([[[-3], [-1], [-2]]]);
 * const y = conv.maxPool2d(x, { poolSize: [1, 2], padding: 'same' });
 * console.log(y.flatten().arraySync()); // [-1, -2]
 * ```
 */
export function maxPool2d<T extends tf.Tensor3D | tf.Tensor4D>(x: T, options: Pool2DOptions, ...more: never[]): T {
  return pool('maxPool2d', MAX_POOL2D.forward, x, options, more);
}
