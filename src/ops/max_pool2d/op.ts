/** Max pooling: the largest pixel of every window. x [n, h, w, channels]. */
import type * as tf from '@tensorflow/tfjs';
import { pool, type Pool2DOptions } from '../pool_window.js';
import { MAX_POOL2D } from './kernels.js';

/**
 * Max pooling of an image or a batch of images; padding is never the maximum.
 *
 * The gradient of a window goes to its largest pixel, or to the first of several equal ones in row-major order, as in
 * torch and TensorFlow. NaN counts as larger than every number, so a window that contains one is NaN; with several, the
 * last gets the gradient, as in torch. Differentiable in `x`, to any order.
 *
 * @param x [n, h, w, channels] or [h, w, channels], float32
 * @param options poolSize, strides (poolSize by default) and padding in pixels, (y, x); see {@link Pool2DOptions}
 * @returns [n, outHeight, outWidth, channels], without n if x has none
 * @throws TypeError for a wrong kind, dtype or option; RangeError for an empty output, or for padding large enough to
 * contain a whole window
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
