/** RoI pooling: the largest feature of every bin of every box. x [n, h, w, c], boxes [k, 4]. */
import * as tf from '@tensorflow/tfjs';
import type { OptionNames } from '../../support/check_options.js';
import { checkCall } from '../checks.js';
import type { RoiGeometry } from '../roi/geometry.js';
import { checkOutput, checkOutputSize, openRegions, ROI_OPTIONS, type RoiOptions } from '../roi/op.js';
import { runKernel1 } from '../run_kernel.js';
import { ROI_POOL } from './names.js';

const ACTION = 'run roiPool';
const OPTIONS = ROI_OPTIONS satisfies OptionNames<RoiOptions>;
const CALL = 'roiPool(x, boxes, boxIndices, {outputSize: 7})';

/**
 * Features of every box on a grid of bins, each the largest of its pixels (Fast R-CNN).
 *
 * Edges are rounded, ties away from zero; the pixels at both edges belong to the box, which has at least one. A bin
 * outside the image is 0. NaN pixels are passed over (a bin of nothing else is −∞), and of equal pixels the first has the
 * gradient.
 *
 * Differentiable in `x`; not in the boxes: a gradient that would go through them is an error.
 *
 * @param x [n, h, w, channels], or [h, w, channels] as a batch of one, float32
 * @param boxes [k, 4], (y1, x1, y2, x2), float32; checked as in {@link roiAlign}
 * @param boxIndices [k], image of each box, int32
 * @param options outputSize, spatialScale; see {@link RoiOptions}
 * @returns [k, outHeight, outWidth, channels]
 * @throws TypeError for a wrong kind or dtype; RangeError for shapes that do not fit and boxes as in {@link roiAlign}
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
    return runKernel1(ACTION, ROI_POOL.forward, { x: image, boxes, boxIndices }, attributes) as tf.Tensor4D;
  });
}
