/** Position-sensitive RoIAlign: every bin samples its own channels. x [n, h, w, c · outHeight · outWidth]. */
import * as tf from '@tensorflow/tfjs';
import type { OptionNames } from '../../support/check_options.js';
import { checkCall } from '../checks.js';
import type { SampledRoiGeometry } from '../roi/geometry.js';
import {
  checkOutput,
  checkOutputSize,
  checkSamplingRatio,
  openRegions,
  positionSensitiveChannels,
  SAMPLED_ROI_OPTIONS,
  type SampledRoiOptions,
} from '../roi/op.js';
import { runKernelSingle } from '../run_kernel.js';
import { PS_ROI_ALIGN } from './kernels.js';

const ACTION = 'run psRoiAlign';
const OPTIONS = SAMPLED_ROI_OPTIONS satisfies OptionNames<SampledRoiOptions>;
const CALL = 'psRoiAlign(x, boxes, boxIndices, {outputSize: 7})';

/**
 * Pools every box on a grid of bins, each the mean of bilinear samples of its own channels: output channel c of bin (i,
 * j) reads input channel (c · outHeight + i) · outWidth + j.
 *
 * Boxes are shifted by half a pixel and samples outside the image are handled as in {@link roiAlign} with `aligned:
 * true`. A bin without samples is 0 (NaN in torchvision).
 *
 * Differentiable in `x`, to any order; not in the boxes: asking for their gradient is an error.
 *
 * @param x [n, h, w, channels · outHeight · outWidth], or without n for a batch of one, float32
 * @param boxes [k, 4], (y1, x1, y2, x2), float32; checked as in {@link roiAlign}
 * @param boxIndices [k], image of each box, int32
 * @param options outputSize, spatialScale, samplingRatio; see {@link SampledRoiOptions}
 * @returns [k, outHeight, outWidth, channels]
 * @throws TypeError for a wrong kind or dtype; RangeError for shapes that do not fit and for boxes as in {@link
 * roiAlign}
 * @see Li et al., "Light-Head R-CNN" (2017), section 3; torchvision.ops.ps_roi_align
 * @example
 * ```ts
 * const x = tf.tile(tf.reshape(tf.range(0, 4), [1, 1, 1, 4]), [1, 6, 6, 1]);
 * const boxes = tf.tensor2d([[1, 1, 5, 5]]);
 * const boxIndices = tf.tensor1d([0], 'int32');
 * const y = conv.psRoiAlign(x, boxes, boxIndices, { outputSize: 2 });
 * console.log(y.reshape([-1]).arraySync()); // [0, 1, 2, 3]
 * ```
 */
export function psRoiAlign(
  x: tf.Tensor3D | tf.Tensor4D,
  boxes: tf.Tensor2D,
  boxIndices: tf.Tensor1D,
  options: SampledRoiOptions,
  ...more: never[]
): tf.Tensor4D {
  checkCall(ACTION, CALL, options, OPTIONS, more);
  return tf.tidy(() => {
    const bins = checkOutputSize(ACTION, options.outputSize);
    const { image, geometry } = openRegions(ACTION, x, boxes, boxIndices, bins, options.spatialScale);
    const attributes: SampledRoiGeometry = {
      ...geometry,
      outChannels: positionSensitiveChannels(ACTION, image, bins),
      samplingRatio: checkSamplingRatio(ACTION, options.samplingRatio),
    };
    checkOutput(ACTION, attributes);
    return runKernelSingle(ACTION, PS_ROI_ALIGN.forward, { x: image, boxes, boxIndices }, attributes) as tf.Tensor4D;
  });
}
