/** Deformable RoI pooling: RoIAlign with bins moved by offsets. x [n, h, w, c], boxes [k, 4]. */
import * as tf from '@tensorflow/tfjs';
import { checkCall, checkShape } from '../checks.js';
import type { OptionNames } from '../../support/check_options.js';
import { checkNumber } from '../../errors.js';
import {
  checkOutput,
  checkOutputSize,
  checkSamplingRatio,
  openRegions,
  SAMPLED_ROI_OPTIONS,
  type SampledRoiOptions,
} from '../roi/op.js';
import { runKernelSingle } from '../run_kernel.js';
import { DEFORM_ROI_POOL, type DeformRoiPoolGeometry } from './kernels.js';

/** Options of {@link deformRoiPool}. */
export interface DeformRoiPoolOptions extends SampledRoiOptions {
  /** Moves every bin by gamma · (box size) · offset; [k, outHeight, outWidth, 2], (y, x). @default none */
  readonly offset?: tf.Tensor4D | undefined;
  /** Scale of the offsets. @default 0.1 */
  readonly gamma?: number;
}

const ACTION = 'run deformRoiPool';
const OPTIONS = {
  ...SAMPLED_ROI_OPTIONS,
  offset: true,
  gamma: true,
} as const satisfies OptionNames<DeformRoiPoolOptions>;
const CALL = 'deformRoiPool(x, boxes, boxIndices, {outputSize: 7})';

/**
 * Pools every box on a grid of bins, each moved by its offset and then sampled as in {@link roiAlign} with `aligned:
 * true`, which it equals without offsets.
 *
 * The offset gradient is the derivative of the samples as read: 0 for a sample clamped to the edge, and the right-hand
 * derivative at whole pixels (mmcv uses the slope at the location before clamping). A bin whose offset is NaN or
 * infinite reads nothing.
 *
 * Differentiable in `x` and `offset`; not in the boxes: asking for their gradient is an error.
 *
 * @param x [n, h, w, channels], or [h, w, channels] for a batch of one, float32
 * @param boxes [k, 4], (y1, x1, y2, x2), float32; checked as in {@link roiAlign}
 * @param boxIndices [k], image of each box, int32
 * @param options offset, outputSize, spatialScale, samplingRatio, gamma; see {@link DeformRoiPoolOptions}
 * @returns [k, outHeight, outWidth, channels]
 * @throws TypeError for a wrong kind or dtype; RangeError for shapes that do not fit and for boxes as in {@link
 * roiAlign}
 * @see Dai et al., "Deformable Convolutional Networks" (2017), section 2.2; mmcv.ops.deform_roi_pool
 * @example
 * ```ts
 * const x = tf.reshape(tf.range(0, 16), [1, 4, 4, 1]);
 * const boxes = tf.tensor2d([[1, 1, 3, 3]]);
 * const boxIndices = tf.tensor1d([0], 'int32');
 * const options = { outputSize: 1, samplingRatio: 2, gamma: 0.5 };
 * console.log(conv.deformRoiPool(x, boxes, boxIndices, options).dataSync()[0]); // 7.5
 * // An offset of 1 moves the bin by half of the box, which is one pixel, down.
 * const offset = tf.tensor4d([1, 0], [1, 1, 1, 2]);
 * console.log(conv.deformRoiPool(x, boxes, boxIndices, { ...options, offset }).dataSync()[0]); // 11.5
 * ```
 */
export function deformRoiPool(
  x: tf.Tensor3D | tf.Tensor4D,
  boxes: tf.Tensor2D,
  boxIndices: tf.Tensor1D,
  options: DeformRoiPoolOptions,
  ...more: never[]
): tf.Tensor4D {
  checkCall(ACTION, CALL, options, OPTIONS, more);
  return tf.tidy(() => {
    const bins = checkOutputSize(ACTION, options.outputSize);
    const { image, geometry } = openRegions(ACTION, x, boxes, boxIndices, bins, options.spatialScale);
    const { offset } = options;
    if (offset !== undefined) {
      checkShape(ACTION, 'offset', offset, [geometry.boxCount, ...bins, 2], '[k, outHeight, outWidth, 2]');
    }
    const attributes: DeformRoiPoolGeometry = {
      ...geometry,
      outChannels: geometry.inChannels,
      samplingRatio: checkSamplingRatio(ACTION, options.samplingRatio),
      deformed: offset !== undefined,
      gamma: checkNumber(ACTION, 'gamma', options.gamma ?? 0.1),
    };
    checkOutput(ACTION, attributes);
    const inputs = { x: image, boxes, boxIndices, offset: offset ?? tf.zeros<tf.Rank.R1>([0]) };
    return runKernelSingle(ACTION, DEFORM_ROI_POOL.forward, inputs, attributes) as tf.Tensor4D;
  });
}
