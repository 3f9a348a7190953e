/** Resizing to the nearest pixel with centres at halves; TensorFlow.js computes the value and the adjoint of its value. */
import * as tf from '@tensorflow/tfjs';
import { floatBytes } from '../../backends/wasm/allocation.js';
import { withCheckedMemory } from '../../backends/wasm/guard_host.js';
import { checkElements } from '../../kernel/sizes.js';
import { resizeGradient } from '../stock_resizing.js';

/**
 * Images of another size: output (y, x) is the input pixel that ((y + ½)·h / height, (x + ½)·w / width) lies in.
 *
 * @param images [n, h, w, c], float32
 * @param size [height, width] of the result in pixels, at least 1
 * @returns [n, height, width, c]
 */
export function resizeNearest(images: tf.Tensor4D, size: readonly [number, number]): tf.Tensor4D {
  const [n, , , channels] = images.shape;
  checkElements('resize images', 'output', [n, ...size, channels]);
  const enlarge = (x: tf.Tensor4D, to: readonly [number, number]): tf.Tensor4D =>
    withCheckedMemory([floatBytes([n, ...to, channels])], () =>
      tf.image.resizeNearestNeighbor(x, [...to], false, true),
    );
  const resize = tf.customGrad((x) => ({
    // The host's kernels read the first pixel, even of no image.
    value: images.size === 0 ? tf.zeros([n, ...size, channels]) : enlarge(x as tf.Tensor4D, size),
    gradFunc: (dy) =>
      images.size === 0 ? tf.zeros(images.shape) : resizeGradient(dy as tf.Tensor4D, images.shape, enlarge),
  }));
  return resize(images) as tf.Tensor4D;
}
