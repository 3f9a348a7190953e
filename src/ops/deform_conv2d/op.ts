/**
 * Deformable convolution, version 1 (offsets) and version 2 (offsets and a modulation mask).
 *
 * x [n, h, w, inChannels], filter [kh, kw, inChannels / groups, outChannels],
 * offset [n, outH, outW, offsetGroups · kh · kw · 2] with last axis (offset group, tap row-major, (y, x)),
 * mask [n, outH, outW, offsetGroups · kh · kw].
 */
import * as tf from '@tensorflow/tfjs';
import { checkInteger, rangeError } from '../../errors.js';
import { WINDOW_OPTIONS, type WindowOptions } from '../../kernel/geometry.js';
import type { OptionNames } from '../../support/check_options.js';
import { checkCall, checkShape, imageRank, toBatch } from '../checks.js';
import { openFilter, PRECISION_OPTIONS, readPrecision, runHalf, type PrecisionOptions } from '../half_operands.js';
import { runKernelSingle } from '../run_kernel.js';
import { openWindow } from '../window.js';
import { DEFORM_CONV2D, HALF_DEFORM_CONV2D, type DeformGeometry } from './kernels.js';

/** Options of {@link deformConv2d}. */
export interface DeformConv2DOptions extends WindowOptions, PrecisionOptions {
  /**
   * Weight of every sample, [n, outH, outW, offsetGroups · kh · kw] (version 2). @default none: every sample has weight
   * 1
   */
  readonly mask?: tf.Tensor3D | tf.Tensor4D | undefined;
  /** Bias, [outChannels]. @default none */
  readonly bias?: tf.Tensor1D | undefined;
  /** Number of channel groups. @default inferred: inChannels / filter.shape[2] */
  readonly groups?: number;
  /**
   * Number of offset groups: input channels in one group share their offsets. @default inferred from the offset's last
   * axis
   */
  readonly offsetGroups?: number;
}

const ACTION = 'run deformConv2d';
const OPTIONS = {
  ...WINDOW_OPTIONS,
  ...PRECISION_OPTIONS,
  mask: true,
  bias: true,
  groups: true,
  offsetGroups: true,
} as const satisfies OptionNames<DeformConv2DOptions>;
const CALL = "deformConv2d(x, offset, filter, {mask, strides: 2, padding: 'same'})";

/**
 * Deformable convolution of an image or a batch of images: every tap is displaced by its offset and samples the image
 * bilinearly.
 *
 * Output (i, j) and tap (a, b) sample at y = i·stride − padding + a·dilation + Δy, and likewise for x. The sample is 0
 * unless −1 < y < h and −1 < x < w; corners outside the image count as 0. Outside that range every gradient of the
 * sample is 0 too: torchvision lacks this guard at exactly −1, where zero offsets with padding 1 put the border taps,
 * so its offset gradient differs there. A NaN or infinite offset reads nothing. A sample that reads nothing contributes
 * nothing on any backend, even if its mask, its weights or dy are NaN or infinite.
 *
 * Differentiable in `x`, `offset`, `filter`, `mask` and `bias`. With `groups` = inChannels it is depthwise and forms no
 * columns. With zero offsets and mask 1 it equals {@link conv2d}, provided that all values are finite.
 *
 * `precision: 'half'` stores the filter in half precision, as in {@link conv2d}; `x`, offset, mask and the result stay
 * single.
 *
 * @param x [n, h, w, inChannels] or [h, w, inChannels], float32
 * @param offset [n, outH, outW, offsetGroups · kh · kw · 2] in pixels, last axis (offset group, tap, (y, x))
 * @param filter [kh, kw, inChannels / groups, outChannels], float32
 * @param options mask, bias, strides, padding, dilations, groups, offsetGroups; see {@link DeformConv2DOptions}
 * @returns [n, outH, outW, outChannels], without n if x has none
 * @throws TypeError for a wrong kind or dtype; RangeError for shapes that do not fit or an empty output
 * @see Dai et al., "Deformable Convolutional Networks" (2017), section 2.1; Zhu et al., "Deformable ConvNets v2"
 * (2018), section 3.2; torchvision.ops.deform_conv2d
 * @example
 * ```ts
 * const x = tf.randomNormal([1, 8, 8, 4]);
 * const filter = tf.randomNormal([3, 3, 4, 6]);
 * const offset = tf.zeros([1, 8, 8, 3 * 3 * 2]);
 * const mask = tf.ones([1, 8, 8, 3 * 3]);
 * const y = conv.deformConv2d(x, offset, filter, { mask, padding: 'same' });
 * console.log(y.shape); // [1, 8, 8, 6]
 * ```
 */
export function deformConv2d<T extends tf.Tensor3D | tf.Tensor4D>(
  x: T,
  offset: T,
  filter: tf.Tensor4D,
  options: DeformConv2DOptions = {},
  ...more: never[]
): T {
  checkCall(ACTION, CALL, options, OPTIONS, more);
  return tf.tidy(() => {
    const rank = imageRank(ACTION, 'x', x);
    const image = toBatch(ACTION, 'x', x, rank);
    const shifts = toBatch(ACTION, 'offset', offset, rank);
    const mask = options.mask === undefined ? undefined : toBatch(ACTION, 'mask', options.mask, rank);
    const precision = readPrecision(ACTION, options);
    const weights = openFilter(ACTION, filter, precision);
    const [kernelHeight, kernelWidth, , outChannels] = weights.shape;
    const inChannels = image.shape[3];
    const groups = inferGroups(inChannels, weights.shape, options.groups);
    const kernel = { size: [kernelHeight, kernelWidth], outChannels, groups } as const;
    const { geometry } = openWindow(ACTION, image, kernel, {
      strides: options.strides ?? 1,
      padding: options.padding ?? 'valid',
      dilations: options.dilations ?? 1,
    });
    const taps = kernelHeight * kernelWidth;
    const offsetGroups = inferOffsetGroups(inChannels, taps, shifts.shape, options.offsetGroups);
    const outputGrid = [geometry.batch, geometry.outHeight, geometry.outWidth];
    checkShape(
      ACTION,
      'offset',
      shifts,
      [...outputGrid, offsetGroups * taps * 2],
      '[n, outH, outW, offsetGroups·kh·kw·2]',
    );
    if (mask !== undefined) {
      checkShape(ACTION, 'mask', mask, [...outputGrid, offsetGroups * taps], '[n, outH, outW, offsetGroups·kh·kw]');
    }
    if (options.bias !== undefined) checkShape(ACTION, 'bias', options.bias, [outChannels], '[outChannels]');
    // Spreading so large an object into a literal with more fields takes the JavaScript engine's slow path: 15 µs.
    const deformed: DeformGeometry = Object.assign(geometry, { offsetGroups, modulated: mask !== undefined });
    const { bias } = options;
    const inputs = { x: image, offset: shifts, filter: weights.tensor, mask: mask ?? tf.zeros<tf.Rank.R1>([0]), bias };
    const y =
      precision === 'single'
        ? runKernelSingle(ACTION, DEFORM_CONV2D.forward, inputs, deformed)
        : runHalf(ACTION, {
            half: HALF_DEFORM_CONV2D.forward,
            single: DEFORM_CONV2D.forward,
            inputs,
            filterShape: weights.shape,
            geometry: deformed,
          });
    return (rank === 3 ? tf.squeeze(y, [0]) : y) as T;
  });
}

/** Number of groups, given or inferred, checked against the channels. */
function inferGroups(inChannels: number, filterShape: readonly number[], given: number | undefined): number {
  const groupChannels = filterShape[2]!;
  const groups = given === undefined ? inChannels / groupChannels : checkInteger(ACTION, 'groups', given, 1);
  if (groups * groupChannels !== inChannels || !Number.isInteger(groups)) {
    const rule = `filter.shape[2] × groups must equal the input channels ${inChannels}`;
    throw rangeError(ACTION, given === undefined ? rule : `${rule} (groups = ${groups})`, 'filter.shape', filterShape);
  }
  if (filterShape[3]! % groups !== 0) {
    throw rangeError(ACTION, `groups must divide the output channels ${filterShape[3]!}`, 'groups', groups);
  }
  return groups;
}

/** Number of offset groups, given or inferred from the offset's last axis, checked against the channels. */
function inferOffsetGroups(
  inChannels: number,
  taps: number,
  offsetShape: readonly number[],
  given: number | undefined,
): number {
  const last = offsetShape[3]!;
  const offsetGroups = given === undefined ? last / (2 * taps) : checkInteger(ACTION, 'offsetGroups', given, 1);
  if (!Number.isInteger(offsetGroups) || offsetGroups < 1) {
    const rule = `the last axis of offset must be a multiple of 2·kh·kw = ${2 * taps}`;
    throw rangeError(ACTION, rule, 'offset.shape', offsetShape);
  }
  if (inChannels % offsetGroups !== 0) {
    throw rangeError(ACTION, `offsetGroups must divide the input channels ${inChannels}`, 'offsetGroups', offsetGroups);
  }
  return offsetGroups;
}
