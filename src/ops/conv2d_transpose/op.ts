/**
 * Transposed convolution: the input gradient of a plain convolution, used as the forward pass. It has no kernels of its
 * own: forward is conv2d's `backwardInput`, and its gradients are conv2d's, on every backend and to every order.
 */
import * as tf from '@tensorflow/tfjs';
import { checkInteger, rangeError } from '../../errors.js';
import { toPair, type ConvGeometry } from '../../kernel/geometry.js';
import { checkSizes } from '../../kernel/sizes.js';
import type { OptionNames } from '../../support/check_options.js';
import { biasAdd } from '../bias_add/op.js';
import { checkCall, checkFilter, checkPixels, checkShape, imageRank, toBatch } from '../checks.js';
import { CONV2D } from '../conv2d/kernels.js';
import { runKernelSingle } from '../run_kernel.js';
import { resolveTransposed, TRANSPOSED_OPTIONS, type TransposedOptions } from './window.js';

/** Options of {@link conv2dTranspose}; `padding` is that of the plain convolution from output to input. */
export interface Conv2DTransposeOptions extends TransposedOptions {
  /** Bias, [outChannels]. @default none */
  readonly bias?: tf.Tensor1D | undefined;
  /** Number of channel groups, convolved separately. @default 1 */
  readonly groups?: number;
}

const ACTION = 'run conv2dTranspose';
const OPTIONS = {
  ...TRANSPOSED_OPTIONS,
  bias: true,
  groups: true,
} as const satisfies OptionNames<Conv2DTransposeOptions>;
const CALL = "conv2dTranspose(x, filter, {strides: 2, padding: 'same'})";

/**
 * Transposed convolution of an image or a batch of images (also called fractionally strided; it restores the input size
 * of a convolution with the same options, not its values).
 *
 * Output size with k̂ = (k − 1)·dilation + 1: numeric padding (i − 1)·s − p₀ − p₁ + k̂ + outputPadding; `'valid'` (i −
 * 1)·s + k̂ + outputPadding; `'same'` i·s, or (i − 1)·s + k̂ mod 2 + outputPadding if outputPadding is given.
 *
 * Differentiable in `x`, `filter` and `bias`, to any order.
 *
 * @param x [n, h, w, inChannels] or [h, w, inChannels], float32
 * @param filter [kernelHeight, kernelWidth, outChannels / groups, inChannels], float32
 * @param options strides, padding, outputPadding, dilations in pixels, (y, x); see {@link Conv2DTransposeOptions}
 * @returns [n, outHeight, outWidth, outChannels], without n if x has none
 * @throws TypeError for a wrong kind or dtype; RangeError for shapes that do not fit or an empty output
 * @see torch.nn.ConvTranspose2d for numeric padding, keras.layers.Conv2DTranspose for `'same'` and `'valid'`
 * @example
 * ```ts
 * const x = tf.ones([1, 4, 4, 3]);
 * const filter = tf.ones([3, 3, 2, 3]);
 * console.log(conv.conv2dTranspose(x, filter).shape); // [1, 6, 6, 2]
 * console.log(conv.conv2dTranspose(x, filter, { strides: 2, padding: 1, outputPadding: 1 }).shape); // [1, 8, 8, 2]
 * ```
 */
export function conv2dTranspose<T extends tf.Tensor3D | tf.Tensor4D>(
  x: T,
  filter: tf.Tensor4D,
  options: Conv2DTransposeOptions = {},
  ...more: never[]
): T {
  checkCall(ACTION, CALL, options, OPTIONS, more);
  return tf.tidy(() => {
    const rank = imageRank(ACTION, 'x', x);
    const image = toBatch(ACTION, 'x', x, rank);
    checkPixels(ACTION, image);
    checkFilter(ACTION, filter);
    const groups = checkInteger(ACTION, 'groups', options.groups ?? 1, 1);
    const [kernelHeight, kernelWidth, groupOut, inChannels] = filter.shape;
    if (inChannels !== image.shape[3]) {
      const rule = `filter.shape[3] must equal the input channels ${image.shape[3]}`;
      throw rangeError(ACTION, rule, 'filter.shape', filter.shape);
    }
    if (inChannels % groups !== 0) {
      throw rangeError(ACTION, `groups must divide the input channels ${inChannels}`, 'groups', groups);
    }
    const outChannels = groupOut * groups;
    if (options.bias !== undefined) checkShape(ACTION, 'bias', options.bias, [outChannels], '[outChannels]');
    const strides = toPair(ACTION, 'strides', options.strides ?? 1, 1);
    const dilations = toPair(ACTION, 'dilations', options.dilations ?? 1, 1);
    const [y, w] = resolveTransposed(ACTION, [image.shape[1], image.shape[2]], [kernelHeight, kernelWidth], options);
    // The plain convolution whose input gradient this is: its input is our output and its output our input.
    const geometry: ConvGeometry = {
      batch: image.shape[0],
      inHeight: y.out,
      inWidth: w.out,
      inChannels: outChannels,
      outHeight: image.shape[1],
      outWidth: image.shape[2],
      outChannels: inChannels,
      kernelHeight,
      kernelWidth,
      strideHeight: strides[0],
      strideWidth: strides[1],
      dilationHeight: dilations[0],
      dilationWidth: dilations[1],
      padTop: y.before,
      padBottom: y.after,
      padLeft: w.before,
      padRight: w.after,
      groups,
    };
    checkSizes(ACTION, geometry);
    const spread = runKernelSingle(ACTION, CONV2D.backwardInput, { dy: image, filter }, geometry);
    const shifted = options.bias === undefined ? spread : biasAdd(ACTION, spread, options.bias);
    return (rank === 3 ? tf.squeeze(shifted, [0]) : shifted) as T;
  });
}
