/**
 * Depthwise convolution: every channel is convolved separately, with its own filters. x [n, h, w, channels], filter
 * [kh, kw, channels, multiplier]; output channel c·multiplier + m.
 */
import * as tf from '@tensorflow/tfjs';
import { checkOneOf, rangeError } from '../../errors.js';
import { FUSED_ACTIVATIONS, type FusedActivation } from '../../kernel/fused_activation.js';
import type { OptionNames } from '../../support/check_options.js';
import { checkCall, checkShape } from '../checks.js';
import {
  HALF_IMAGE_OPTIONS,
  openDepthwiseFilter,
  openImage,
  readOutputPrecision,
  readPrecision,
  runHalf,
  type HalfImageOptions,
} from '../half_operands.js';
import { runKernelSingle } from '../run_kernel.js';
import { openWindow, PADDED_WINDOW_OPTIONS, type PaddedWindowOptions } from '../window.js';
import { DEPTHWISE_CONV2D, HALF_DEPTHWISE_CONV2D } from './kernels.js';

/** Options of {@link depthwiseConv2d}. */
export interface DepthwiseConv2DOptions extends PaddedWindowOptions, HalfImageOptions {
  /** Bias, [channels · multiplier]. @default none */
  readonly bias?: tf.Tensor1D | undefined;
  /** Activation, fused into the kernel if the backend supports it. @default 'linear' */
  readonly activation?: FusedActivation;
}

const ACTION = 'run depthwiseConv2d';
const OPTIONS = {
  ...PADDED_WINDOW_OPTIONS,
  ...HALF_IMAGE_OPTIONS,
  bias: true,
  activation: true,
} as const satisfies OptionNames<DepthwiseConv2DOptions>;
const CALL = "depthwiseConv2d(x, filter, {strides: 2, padding: 'same'})";

/**
 * Depthwise convolution of an image or a batch of images.
 *
 * Differentiable in `x`, `filter` and `bias`, to any order, for every stride, dilation and padding.
 *
 * `precision: 'half'` is that of {@link conv2d}; the packed filter is [kernelHeight, kernelWidth, channels · multiplier /
 * 2].
 *
 * @param x [n, h, w, channels] or [h, w, channels], float32
 * @param filter [kernelHeight, kernelWidth, channels, multiplier], float32
 * @param options strides, padding, dilations in pixels, (y, x); see {@link DepthwiseConv2DOptions}
 * @returns [n, outHeight, outWidth, channels · multiplier], without n if x has none
 * @throws TypeError for a wrong kind or dtype; RangeError for shapes that do not fit or an empty output
 * @see Howard et al., "MobileNets" (2017), section 3.1
 * @example
 * ```ts
 * const x = tf.ones([1, 8, 8, 3]);
 * const filter = tf.ones([3, 3, 3, 1]);
 * const y = conv.depthwiseConv2d(x, filter, { padding: 'same', dilations: 2 });
 * console.log(y.shape); // [1, 8, 8, 3]
 * ```
 */
export function depthwiseConv2d<T extends tf.Tensor3D | tf.Tensor4D>(
  x: T,
  filter: tf.Tensor4D,
  options: DepthwiseConv2DOptions = {},
  ...more: never[]
): T {
  checkCall(ACTION, CALL, options, OPTIONS, more);
  return tf.tidy(() => {
    const precision = readPrecision(ACTION, options);
    const { tensor: batch, shape, rank } = openImage(ACTION, x, precision);
    const weights = openDepthwiseFilter(ACTION, filter, precision, shape[3]);
    const [kernelHeight, kernelWidth, channels, multiplier] = weights.shape;
    if (channels !== shape[3]) {
      const rule = `filter.shape[2] must equal the input channels ${shape[3]}`;
      throw rangeError(ACTION, rule, 'filter.shape', weights.shape);
    }
    const outChannels = channels * multiplier;
    const output = readOutputPrecision(ACTION, options, outChannels);
    if (options.bias !== undefined) {
      checkShape(ACTION, 'bias', options.bias, [outChannels], '[channels · multiplier]');
    }
    const activation = checkOneOf(ACTION, 'activation', options.activation ?? 'linear', FUSED_ACTIVATIONS);
    const kernel = { size: [kernelHeight, kernelWidth], outChannels, groups: channels, activation } as const;
    const { image, geometry } = openWindow(ACTION, batch, kernel, options, shape);
    const inputs = { x: image, filter: weights.tensor, bias: options.bias };
    const name = activation === 'linear' ? DEPTHWISE_CONV2D.forward : DEPTHWISE_CONV2D.fused;
    const y =
      precision === 'single'
        ? runKernelSingle(ACTION, name, inputs, geometry)
        : runHalf(ACTION, {
            half: HALF_DEPTHWISE_CONV2D.forward,
            single: name,
            inputs,
            filterShape: weights.shape,
            geometry,
            output,
          });
    return (rank === 3 ? tf.squeeze(y, [0]) : y) as T;
  });
}
