/**
 * Two-dimensional convolution with everything that torch.nn.Conv2d has: groups, any padding and padding mode, stride
 * together with dilation. x [n, h, w, inChannels], filter [kh, kw, inChannels / groups, outChannels].
 */
import * as tf from '@tensorflow/tfjs';
import { checkInteger, checkOneOf, rangeError } from '../../errors.js';
import { FUSED_ACTIVATIONS, type FusedActivation } from '../../kernel/fused_activation.js';
import type { OptionNames } from '../../support/check_options.js';
import { checkCall, checkShape } from '../checks.js';
import {
  HALF_IMAGE_OPTIONS,
  openFilter,
  openImage,
  readOutputPrecision,
  readPrecision,
  runHalf,
  type HalfImageOptions,
} from '../half_operands.js';
import { runKernelSingle } from '../run_kernel.js';
import { openWindow, PADDED_WINDOW_OPTIONS, type PaddedWindowOptions } from '../window.js';
import { CONV2D, HALF_CONV2D } from './kernels.js';

/** Options of {@link conv2d}. */
export interface Conv2DOptions extends PaddedWindowOptions, HalfImageOptions {
  /** Bias, [outChannels]. @default none */
  readonly bias?: tf.Tensor1D | undefined;
  /** Activation, fused into the kernel if the backend supports it. @default 'linear' */
  readonly activation?: FusedActivation;
  /** Number of channel groups, convolved separately. @default 1 */
  readonly groups?: number;
}

const ACTION = 'run conv2d';
const OPTIONS = {
  ...PADDED_WINDOW_OPTIONS,
  ...HALF_IMAGE_OPTIONS,
  bias: true,
  activation: true,
  groups: true,
} as const satisfies OptionNames<Conv2DOptions>;
const CALL = "conv2d(x, filter, {strides: 2, padding: 'same'})";

/**
 * Two-dimensional convolution (cross-correlation) of an image or a batch of images.
 *
 * Differentiable in `x`, `filter` and `bias`, to any order, for every stride, dilation, padding and number of groups.
 *
 * As with `tf.conv2d`, a NaN or infinite weight over the padding is either multiplied by zero, which makes the output
 * NaN, or skipped, whichever is faster on the backend. {@link deformConv2d} skips it on every backend.
 *
 * For inference, `precision: 'half'` stores the filter in half precision, packed by {@link packHalf}; `x` and the result
 * may then be packed, too. This saves memory traffic on webgpu; other backends compute the same, slower.
 *
 * @param x [n, h, w, inChannels] or [h, w, inChannels], float32
 * @param filter [kernelHeight, kernelWidth, inChannels / groups, outChannels], float32
 * @param options strides, padding, dilations in pixels, (y, x); see {@link Conv2DOptions}
 * @returns [n, outHeight, outWidth, outChannels], without n if x has none
 * @throws TypeError for a wrong kind or dtype; RangeError for shapes that do not fit or an empty output
 * @see torch.nn.Conv2d; Dumoulin and Visin, "A guide to convolution arithmetic for deep learning" (2016)
 * @example
 * ```ts
 * const x = tf.ones([1, 7, 7, 3]);
 * const filter = tf.ones([3, 3, 3, 2]);
 * const y = conv.conv2d(x, filter, { strides: 2, padding: 1, dilations: 2 });
 * console.log(y.shape); // [1, 3, 3, 2]
 * ```
 */
export function conv2d<T extends tf.Tensor3D | tf.Tensor4D>(
  x: T,
  filter: tf.Tensor4D,
  options: Conv2DOptions = {},
  ...more: never[]
): T {
  checkCall(ACTION, CALL, options, OPTIONS, more);
  return tf.tidy(() => {
    const precision = readPrecision(ACTION, options);
    const { tensor: batch, shape, rank } = openImage(ACTION, x, precision);
    const weights = openFilter(ACTION, filter, precision);
    const groups = checkInteger(ACTION, 'groups', options.groups ?? 1, 1);
    const [kernelHeight, kernelWidth, groupChannels, outChannels] = weights.shape;
    const output = readOutputPrecision(ACTION, options, outChannels);
    if (groupChannels * groups !== shape[3]) {
      const rule = `filter.shape[2] × groups must equal the input channels ${shape[3]} (groups = ${groups})`;
      throw rangeError(ACTION, rule, 'filter.shape', weights.shape);
    }
    if (outChannels % groups !== 0) {
      throw rangeError(ACTION, `groups must divide the output channels ${outChannels}`, 'groups', groups);
    }
    if (options.bias !== undefined) checkShape(ACTION, 'bias', options.bias, [outChannels], '[outChannels]');
    const activation = checkOneOf(ACTION, 'activation', options.activation ?? 'linear', FUSED_ACTIVATIONS);
    const kernel = { size: [kernelHeight, kernelWidth], outChannels, groups, activation } as const;
    const { image, geometry } = openWindow(ACTION, batch, kernel, options, shape);
    const inputs = { x: image, filter: weights.tensor, bias: options.bias };
    const name = activation === 'linear' ? CONV2D.forward : CONV2D.fused;
    const y =
      precision === 'single'
        ? runKernelSingle(ACTION, name, inputs, geometry)
        : runHalf(ACTION, {
            half: HALF_CONV2D.forward,
            single: name,
            inputs,
            filterShape: weights.shape,
            geometry,
            output,
          });
    return (rank === 3 ? tf.squeeze(y, [0]) : y) as T;
  });
}
