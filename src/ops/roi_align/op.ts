/** RoIAlign: pools every box on a grid of bins, with bilinear samples. x [n, h, w, c], boxes [k, 4]. */
import * as tf from '@tensorflow/tfjs';
import { checkBoolean } from '../../errors.js';
import type { OptionNames } from '../../support/check_options.js';
import { checkCall } from '../checks.js';
import {
  checkOutput,
  checkOutputSize,
  checkSamplingRatio,
  openRegions,
  SAMPLED_ROI_OPTIONS,
  type SampledRoiOptions,
} from '../roi/op.js';
import { runKernelSingle } from '../run_kernel.js';
import { ROI_ALIGN, type RoiAlignGeometry } from './kernels.js';

/** Options of {@link roiAlign}. */
export interface RoiAlignOptions extends SampledRoiOptions {
  /**
   * Whether to shift boxes by half a pixel, so that the box [0, 0, 1, 1] is exactly the first pixel. If false, boxes
   * are not shifted and are at least one pixel in size (as in the original Detectron and Mask R-CNN).
   * @default false
   */
  readonly aligned?: boolean;
}

const ACTION = 'run roiAlign';
const OPTIONS = { ...SAMPLED_ROI_OPTIONS, aligned: true } as const satisfies OptionNames<RoiAlignOptions>;
const CALL = 'roiAlign(x, boxes, boxIndices, {outputSize: 7})';

/**
 * Pools every box on a grid of bins, each the mean of bilinear samples (RoIAlign).
 *
 * A sample more than one pixel outside the centres of the outermost pixels is 0, a nearer one is clamped to the edge. A
 * bin without samples (an empty box with an adaptive samplingRatio) is 0.
 *
 * Differentiable in `x`, to any order; not in the boxes: asking for their gradient is an error.
 *
 * @param x [n, h, w, channels], or [h, w, channels] for a batch of one, float32
 * @param boxes [k, 4], (y1, x1, y2, x2), float32. On cpu, wasm and tensorflow a box that is not finite or not in this
 * batch is an error; on webgl and webgpu, where checking would wait for the device, it reads nothing
 * @param boxIndices [k], image of each box, int32
 * @param options outputSize, spatialScale, samplingRatio, aligned; see {@link RoiAlignOptions}
 * @returns [k, outHeight, outWidth, channels]
 * @throws TypeError for a wrong kind or dtype; RangeError for shapes that do not fit and boxes as above
 * @see He et al., "Mask R-CNN" (2017), section 3; torchvision.ops.roi_align
 * @example
 * ```ts
 * const x = tf.reshape(tf.range(0, 16), [1, 4, 4, 1]);
 * const boxes = tf.tensor2d([[0, 0, 4, 4]]);
 * const boxIndices = tf.tensor1d([0], 'int32');
 * const y = conv.roiAlign(x, boxes, boxIndices, { outputSize: 2, samplingRatio: 2, aligned: true });
 * console.log(y.reshape([-1]).arraySync()); // [2.5, 4.5, 10.5, 12.5]
 * ```
 */
export function roiAlign(
  x: tf.Tensor3D | tf.Tensor4D,
  boxes: tf.Tensor2D,
  boxIndices: tf.Tensor1D,
  options: RoiAlignOptions,
  ...more: never[]
): tf.Tensor4D {
  checkCall(ACTION, CALL, options, OPTIONS, more);
  return tf.tidy(() => {
    const bins = checkOutputSize(ACTION, options.outputSize);
    const { image, geometry } = openRegions(ACTION, x, boxes, boxIndices, bins, options.spatialScale);
    const attributes: RoiAlignGeometry = {
      ...geometry,
      outChannels: geometry.inChannels,
      samplingRatio: checkSamplingRatio(ACTION, options.samplingRatio),
      aligned: checkBoolean(ACTION, 'aligned', options.aligned ?? false),
    };
    checkOutput(ACTION, attributes);
    return runKernelSingle(ACTION, ROI_ALIGN.forward, { x: image, boxes, boxIndices }, attributes) as tf.Tensor4D;
  });
}
