/** Position-sensitive RoI pooling: every bin averages its own channels. x [n, h, w, c · outHeight · outWidth]. */
import * as tf from '@tensorflow/tfjs';
import type { OptionNames } from '../../support/check_options.js';
import { checkCall } from '../checks.js';
import type { RoiGeometry } from '../roi/geometry.js';
import {
  checkOutput,
  checkOutputSize,
  openRegions,
  positionSensitiveChannels,
  ROI_OPTIONS,
  type RoiOptions,
} from '../roi/op.js';
import { runKernelSingle } from '../run_kernel.js';
import { PS_ROI_POOL } from './kernels.js';

const ACTION = 'run psRoiPool';
const OPTIONS = ROI_OPTIONS satisfies OptionNames<RoiOptions>;
const CALL = 'psRoiPool(x, boxes, boxIndices, {outputSize: 7})';

/**
 * Pools every box on a grid of bins, each the mean of whole pixels of its own channels (R-FCN): output channel c of bin
 * (i, j) reads input channel (c · outHeight + i) · outWidth + j.
 *
 * Edges are rounded, ties away from zero, and a box has at least one pixel. As in torchvision, bins are clipped to h −
 * 1 and w − 1, so that the last row and column are never read, and an empty bin is 0. The gradient matches this output;
 * torchvision's also spreads over the last row and column.
 *
 * Differentiable in `x`, to any order; not in the boxes: asking for their gradient is an error.
 *
 * @param x [n, h, w, channels · outHeight · outWidth], or without n for a batch of one, float32
 * @param boxes [k, 4], (y1, x1, y2, x2), float32; checked as in {@link roiAlign}
 * @param boxIndices [k], image of each box, int32
 * @param options outputSize, spatialScale; see {@link RoiOptions}
 * @returns [k, outHeight, outWidth, channels]
 * @throws TypeError for a wrong kind or dtype; RangeError for shapes that do not fit and for boxes as in {@link
 * roiAlign}
 * @see Dai et al., "R-FCN" (2016), section 2; torchvision.ops.ps_roi_pool
 * @example
 * ```ts
 * const x = tf.tile(tf.reshape(tf.range(0, 4), [1, 1, 1, 4]), [1, 6, 6, 1]);
 * const boxes = tf.tensor2d([[0, 0, 4, 4]]);
 * const boxIndices = tf.tensor1d([0], 'int32');
 * const y = conv.psRoiPool(x, boxes, boxIndices, { outputSize: 2 });
 * console.log(y.reshape([-1]).arraySync()); // [0, 1, 2, 3]
 * ```
 */
export function psRoiPool(
  x: tf.Tensor3D | tf.Tensor4D,
  boxes: tf.Tensor2D,
  boxIndices: tf.Tensor1D,
  options: RoiOptions,
  ...more: never[]
): tf.Tensor4D {
  checkCall(ACTION, CALL, options, OPTIONS, more);
  return tf.tidy(() => {
    const bins = checkOutputSize(ACTION, options.outputSize);
    const { image, geometry } = openRegions(ACTION, x, boxes, boxIndices, bins, options.spatialScale);
    const outChannels = positionSensitiveChannels(ACTION, image, bins);
    const attributes: RoiGeometry = { ...geometry, outChannels };
    checkOutput(ACTION, attributes);
    return runKernelSingle(ACTION, PS_ROI_POOL.forward, { x: image, boxes, boxIndices }, attributes) as tf.Tensor4D;
  });
}
