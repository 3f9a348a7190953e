/** Nearest-neighbour resizing with half-pixel centres; TensorFlow.js computes both the value and its adjoint. */
import * as tf from '@tensorflow/tfjs';
import { floatBytes } from '../../backends/wasm/allocation.js';
import { withCheckedMemory } from '../../backends/wasm/guard_host.js';
import { checkElements } from '../../kernel/sizes.js';
import { resizeGradient } from '../stock_resizing.js';

/**
 * Resizes images: output (y, x) is the input pixel that contains ((y + ½)·h / height, (x + ½)·w / width).
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
    // The TensorFlow.js kernels read the first pixel even of an empty batch.
    value: images.size === 0 ? tf.zeros([n, ...size, channels]) : enlarge(x as tf.Tensor4D, size),
    gradFunc: (dy) =>
      images.size === 0 ? tf.zeros(images.shape) : resizeGradient(dy as tf.Tensor4D, images.shape, enlarge),
  }));
  return resize(images) as tf.Tensor4D;
}
