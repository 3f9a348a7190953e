/**
 * Bilinear resizing with half-pixel centres. TensorFlow.js computes the value; its gradient ignores the half-pixel
 * shift (and fails on cpu if an image is not square), so the gradient here is the adjoint itself: resizing is linear
 * and acts on rows and columns separately, Y = R·X·Cᵀ, so dX = Rᵀ·dY·C.
 */
import * as tf from '@tensorflow/tfjs';
import { checkInteger, typeError, type Action } from '../../errors.js';
import { floatBytes } from '../../backends/wasm/allocation.js';
import { withCheckedMemory } from '../../backends/wasm/guard_host.js';
import { checkElements } from '../../kernel/sizes.js';
import { checkNoMore, checkPixels, imageRank, toBatch } from '../checks.js';
import { resizeAdjoint } from './adjoint.js';

const ACTION: Action = 'run resizeBilinear';

/**
 * Resizes images: output (y, x) is the bilinear sample at ((y + ½)·h / height − ½, (x + ½)·w / width − ½), with border
 * pixels replicated outside. There is no antialiasing, so a much smaller output skips pixels.
 *
 * Differentiable in `x`, to any order.
 *
 * @param x [n, h, w, c] or [h, w, c], float32
 * @param size [height, width] of the result in pixels
 * @returns [n, height, width, c], or [height, width, c]
 * @throws TypeError for a wrong kind or dtype; RangeError for a size below 1
 * @see torch.nn.functional.interpolate with mode 'bilinear' and align_corners False; tf.image.resize in TensorFlow 2
 * @example
 * ```ts
 * const x = tf.tensor3d([[[0], [4]]]);
 * console.log(conv.resizeBilinear(x, [1, 4]).flatten().arraySync()); // [0, 1, 3, 4]
 * ```
 */
export function resizeBilinear<T extends tf.Tensor3D | tf.Tensor4D>(
  x: T,
  size: readonly [number, number],
  ...more: never[]
): T {
  checkNoMore(ACTION, 'resizeBilinear(x, [height, width]), whose pixel centres are at halves', more);
  const rank = imageRank(ACTION, 'x', x);
  const [height, width] = readSize(size);
  return tf.tidy(() => {
    const images = toBatch(ACTION, 'x', x, rank);
    const [n, inHeight, inWidth, channels] = images.shape;
    checkElements(ACTION, 'output', [n, height, width, channels]);
    checkPixels(ACTION, images);
    // The TensorFlow.js kernels read the first pixel even of an empty batch, and its matrix products reject one.
    const isEmpty = images.size === 0;
    const resize = tf.customGrad((input) => ({
      value: isEmpty
        ? tf.zeros([n, height, width, channels])
        : withCheckedMemory([floatBytes([n, height, width, channels]), ...xnnpackBytes(height, width)], () =>
            tf.image.resizeBilinear(input as tf.Tensor4D, [height, width], false, true),
          ),
      gradFunc: (dy) =>
        isEmpty
          ? tf.zeros(images.shape)
          : resizeAdjoint(dy as tf.Tensor4D, spreading(inHeight, height), spreading(inWidth, width)),
    }));
    const resized = resize(images);
    return (rank === 3 ? tf.squeeze(resized, [0]) : resized) as T;
  });
}

/** Bytes that XNNPACK needs besides the output: the addresses of four pixels and two weights per position. */
function xnnpackBytes(height: number, width: number): number[] {
  return [floatBytes([height, width, 4]), floatBytes([height, width, 2])];
}

/** Returns the size as [height, width]. Throws for anything else. */
function readSize(size: unknown): readonly [number, number] {
  if (!Array.isArray(size) || size.length !== 2) {
    throw typeError(ACTION, 'size must be [height, width]', 'size', size);
  }
  return [checkInteger(ACTION, 'size', size[0], 1), checkInteger(ACTION, 'size', size[1], 1)];
}

/** Weight of each input in each output along one axis, [size, outSize]. */
function spreading(size: number, outSize: number): tf.Tensor2D {
  const weights = new Float32Array(size * outSize);
  for (let out = 0; out < outSize; out++) {
    const location = Math.min(Math.max(((out + 0.5) * size) / outSize - 0.5, 0), size - 1);
    const before = Math.floor(location);
    const after = Math.min(before + 1, size - 1);
    weights[before * outSize + out]! += 1 - (location - before);
    weights[after * outSize + out]! += location - before;
  }
  return tf.tensor2d(weights, [size, outSize]);
}
