/**
 * Deformable convolution, versions 3 and 4: every channel group has its own offsets and weights at every position, and
 * there is no filter. Composed of deformTaps, which prepares offsets and weights, and deformConv2d with a filter of
 * ones, which samples.
 */
import * as tf from '@tensorflow/tfjs';
import { checkBoolean, checkInteger, checkNumber, rangeError } from '../../errors.js';
import { resolveWindow, toPair, WINDOW_OPTIONS, type Pair, type WindowOptions } from '../../kernel/geometry.js';
import type { OptionNames } from '../../support/check_options.js';
import { checkCall, checkShape, imageRank, toBatch } from '../checks.js';
import { deformConv2d } from '../deform_conv2d/op.js';
import { placeOffsets, placeWeights, type TapOptions } from '../deform_taps/op.js';

/** Options of {@link deformConv2dV3}. */
export interface DeformConv2DV3Options extends WindowOptions {
  /** Size of the sampling grid in taps, [height, width]. @default 3 */
  readonly kernelSize?: Pair;
  /** Number of channel groups, each with its own offsets and weights. @default 1 */
  readonly groups?: number;
  /** Factor that scales both grid and offsets about the centre of the kernel. @default 1 */
  readonly offsetScale?: number;
  /** Whether to omit the centre tap; requires an odd kernel size. @default false */
  readonly removeCenter?: boolean;
  /**
   * Whether to apply a softmax over the taps to `mask` (version 3), or to use it as weights (version 4). @default true
   */
  readonly softmax?: boolean;
}

const ACTION = 'run deformConv2dV3';
const OPTIONS = {
  ...WINDOW_OPTIONS,
  kernelSize: true,
  groups: true,
  offsetScale: true,
  removeCenter: true,
  softmax: true,
} as const satisfies OptionNames<DeformConv2DV3Options>;
const CALL = "deformConv2dV3(x, offset, mask, {strides: 2, padding: 'same'})";

/**
 * Deformable convolution version 3 (DCNv3), or version 4 (DCNv4) with `softmax: false`.
 *
 * With P = kernelHeight · kernelWidth taps (one less with `removeCenter`), half = (dilation · (kernel − 1)) >> 1 and
 * tap a of an axis, the sampling location is (half − padding + i · stride) − half · offsetScale + (a · dilation + Δ) ·
 * offsetScale. The output is Σ weight · sample over the taps, with the borders and gradients of {@link deformConv2d}.
 *
 * Offsets are (y, x) with taps row-major; the original weights are (x, y) with taps column-major.
 *
 * Differentiable in `x`, `offset` and `mask`.
 *
 * @param x [n, h, w, channels] or [h, w, channels], float32
 * @param offset [n, outH, outW, groups · P · 2], last axis (group, tap, (y, x))
 * @param mask [n, outH, outW, groups · P]
 * @param options kernelSize, strides, padding, dilations, groups, …; see {@link DeformConv2DV3Options}
 * @returns [n, outH, outW, channels], without n if x has none
 * @throws TypeError for a wrong kind or dtype; RangeError for shapes that do not fit or an empty output
 * @see Wang et al., "InternImage" (2022), section 3.1; Xiong et al., "Efficient Deformable ConvNets" (2024), section 3
 * @example
 * ```ts
 * const x = tf.randomNormal([1, 8, 8, 4]);
 * const offset = tf.zeros([1, 8, 8, 2 * 9 * 2]);
 * const mask = tf.zeros([1, 8, 8, 2 * 9]);
 * const y = conv.deformConv2dV3(x, offset, mask, { groups: 2, padding: 1 });
 * console.log(y.shape); // [1, 8, 8, 4]
 * ```
 */
export function deformConv2dV3<T extends tf.Tensor3D | tf.Tensor4D>(
  x: T,
  offset: T,
  mask: T,
  options: DeformConv2DV3Options = {},
  ...more: never[]
): T {
  checkCall(ACTION, CALL, options, OPTIONS, more);
  return tf.tidy(() => {
    const rank = imageRank(ACTION, 'x', x);
    const image = toBatch(ACTION, 'x', x, rank);
    const [batch, height, width, channels] = image.shape;
    const kernel = toPair(ACTION, 'kernelSize', options.kernelSize ?? 3, 1);
    const groups = checkInteger(ACTION, 'groups', options.groups ?? 1, 1);
    if (channels === 0) throw rangeError(ACTION, 'x must have at least one channel', 'x.shape', image.shape);
    if (channels % groups !== 0) {
      throw rangeError(ACTION, `groups must divide the channels ${channels}`, 'groups', groups);
    }
    const scale = checkNumber(ACTION, 'offsetScale', options.offsetScale ?? 1);
    const removeCenter = checkBoolean(ACTION, 'removeCenter', options.removeCenter ?? false);
    if (removeCenter && kernel.some((size) => size % 2 === 0)) {
      throw rangeError(ACTION, 'removeCenter needs a kernel of odd height and width', 'kernelSize', [...kernel]);
    }
    const window = resolveWindow(ACTION, [height, width], kernel, options);
    const given = kernel[0] * kernel[1] - (removeCenter ? 1 : 0);
    const outputGrid = [batch, window.outHeight, window.outWidth] as const;
    const shifts = toBatch(ACTION, 'offset', offset, rank);
    const weights = toBatch(ACTION, 'mask', mask, rank);
    checkShape(ACTION, 'offset', shifts, [...outputGrid, groups * given * 2], '[n, outH, outW, groups·P·2]');
    checkShape(ACTION, 'mask', weights, [...outputGrid, groups * given], '[n, outH, outW, groups·P]');

    const taps: TapOptions = {
      outputGrid,
      groups,
      kernel,
      dilations: window.dilations,
      removeCenter,
      offsetScale: scale,
      softmax: checkBoolean(ACTION, 'softmax', options.softmax ?? true),
    };
    const y = deformConv2d(image, placeOffsets(ACTION, shifts, taps), tf.ones([kernel[0], kernel[1], 1, channels]), {
      mask: placeWeights(ACTION, weights, taps),
      strides: window.strides,
      dilations: window.dilations,
      padding: [
        [window.padTop, window.padBottom],
        [window.padLeft, window.padRight],
      ],
      groups: channels,
      offsetGroups: groups,
    });
    return (rank === 3 ? tf.squeeze(y, [0]) : y) as T;
  });
}
