/**
 * Explicit padding of an image batch [n, h, w, c] in the modes other than zeros (PyTorch's names and rules). The
 * operators of TensorFlow.js would compile a program per size on WebGL.
 */
import type * as tf from '@tensorflow/tfjs';
import type { Action } from '../../errors.js';
import { checkElements } from '../../kernel/sizes.js';
import { runKernelSingle } from '../run_kernel.js';
import { checkBorder } from './border.js';
import { PAD_IMAGE, type BorderMode, type PadAttributes, type Sides } from './kernels.js';

/**
 * Pads a batch on all four sides. The amounts must be below the size for `reflect`, and at most the size for
 * `circular`. Differentiable to any order.
 */
export function padImage(action: Action, x: tf.Tensor4D, sides: Sides, mode: BorderMode): tf.Tensor4D {
  if (sides.flat().every((amount) => amount === 0)) return x;
  checkBorder(action, x.shape[1], sides[0], mode);
  checkBorder(action, x.shape[2], sides[1], mode);
  const [batch, height, width, channels] = x.shape;
  const [[top, bottom], [left, right]] = sides;
  checkElements(action, 'padded image', [batch, top + height + bottom, left + width + right, channels]);
  const attributes: PadAttributes = { shape: x.shape, sides, mode };
  return runKernelSingle(action, PAD_IMAGE.forward, { x }, attributes) as tf.Tensor4D;
}
