/** RoI pooling: the maximum of every bin of every box. x [n, h, w, c], boxes [k, 4]. */
import * as tf from '@tensorflow/tfjs';
import type { OptionNames } from '../../support/check_options.js';
import { checkCall } from '../checks.js';
import type { RoiGeometry } from '../roi/geometry.js';
import { checkOutput, checkOutputSize, openRegions, ROI_OPTIONS, type RoiOptions } from '../roi/op.js';
import { runKernelSingle } from '../run_kernel.js';
import { ROI_POOL } from './kernels.js';

const ACTION = 'run roiPool';
const OPTIONS = ROI_OPTIONS satisfies OptionNames<RoiOptions>;
const CALL = 'roiPool(x, boxes, boxIndices, {outputSize: 7})';

/**
 * Pools every box on a grid of bins, each the maximum of its pixels (Fast R-CNN).
 *
 * Edges are rounded, ties away from zero; a box includes the pixels at both edges, and so at least one. A bin outside
 * the image is 0. The gradient of a bin goes to its maximum, or to the first of several equal ones. As in torchvision,
 * NaN takes no part in the maximum: a bin whose pixels are all NaN is −Infinity and passes no gradient on (in {@link
 * maxPool2d}, a window with a NaN is NaN).
 *
 * Differentiable in `x`; not in the boxes: asking for their gradient is an error.
 *
 * @param x [n, h, w, channels], or [h, w, channels] for a batch of one, float32
 * @param boxes [k, 4], (y1, x1, y2, x2), float32; checked as in {@link roiAlign}
 * @param boxIndices [k], image of each box, int32
 * @param options outputSize, spatialScale; see {@link RoiOptions}
 * @returns [k, outHeight, outWidth, channels]
 * @throws TypeError for a wrong kind or dtype; RangeError for shapes that do not fit and for boxes as in {@link
 * roiAlign}
 * @see Girshick, "Fast R-CNN" (2015), section 2.1; torchvision.ops.roi_pool
 * @example
 * ```ts
 * const x = tf.reshape(tf.range(0, 16), [1, 4, 4, 1]);
 * const boxes = tf.tensor2d([[0, 0, 3, 3]]);
 * const boxIndices = tf.tensor1d([0], 'int32');
 * const y = conv.roiPool(x, boxes, boxIndices, { outputSize: 2 });
 * console.log(y.reshape([-1]).arraySync()); // [5, 7, 13, 15]
 * ```
 */
export function roiPool(
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
    const attributes: RoiGeometry = { ...geometry, outChannels: geometry.inChannels };
    checkOutput(ACTION, attributes);
    return runKernelSingle(ACTION, ROI_POOL.forward, { x: image, boxes, boxIndices }, attributes) as tf.Tensor4D;
  });
}
