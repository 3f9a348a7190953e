/**
 * Deformable position-sensitive RoI pooling (Deformable R-FCN): every bin reads its own channels and is moved by an
 * offset, which the output channels of one class share. x [n, h, w, outputDim · groupSize²], boxes [k, 4].
 */
import * as tf from '@tensorflow/tfjs';
import { checkInteger, checkNumber, rangeError } from '../../errors.js';
import { checkCall, checkFloatTensor, checkShape } from '../checks.js';
import type { OptionNames } from '../../support/check_options.js';
import { MOST_SAMPLES } from '../roi/geometry.js';
import { checkOutput, openRegions } from '../roi/op.js';
import { runKernelSingle } from '../run_kernel.js';
import { DEFORM_PS_ROI_POOL, type DeformPsRoiPoolGeometry } from './kernels.js';

/** Options of {@link deformPsRoiPool}. */
export interface DeformPsRoiPoolOptions {
  /** Number of output channels. */
  readonly outputDim: number;
  /** Rows and columns of bins. */
  readonly pooledSize: number;
  /** Rows and columns of channel groups in x. @default pooledSize */
  readonly groupSize?: number;
  /** Rows and columns of offsets per box. @default pooledSize */
  readonly partSize?: number;
  /** Samples per bin along each axis, at most 256. @default 4 */
  readonly samplesPerPart?: number;
  /** Feature map pixels per unit of the boxes. @default 1 */
  readonly spatialScale?: number;
  /**
   * Moves every bin by transStd · (box size) · offset; [k, partSize, partSize, classes · 2], last axis (class, (y, x)).
   * Output channel c belongs to class ⌊c / (outputDim / classes)⌋.
   * @default none
   */
  readonly offset?: tf.Tensor4D | undefined;
  /** Scale of the offsets. @default 0.1 */
  readonly transStd?: number;
}

const ACTION = 'run deformPsRoiPool';
const OPTIONS = {
  outputDim: true,
  pooledSize: true,
  groupSize: true,
  partSize: true,
  samplesPerPart: true,
  spatialScale: true,
  offset: true,
  transStd: true,
} as const satisfies OptionNames<DeformPsRoiPoolOptions>;
const CALL = 'deformPsRoiPool(x, boxes, boxIndices, {outputDim: 8, pooledSize: 7})';

/**
 * Pools every box on a grid of bins. Each bin is moved by an offset and averages bilinear samples of its own channels:
 * output channel c of bin (i, j) reads input channel (c · groupSize + gi) · groupSize + gj with gi = ⌊i · groupSize /
 * pooledSize⌋, and the offset of part ⌊i · partSize / pooledSize⌋, and likewise for j.
 *
 * Edges are rounded, ties away from zero, before scaling: start = round(y1) · spatialScale − ½, end = (round(y2) + 1) ·
 * spatialScale − ½, size at least 0.1. Samples are at start + (i + s / samplesPerPart) · bin. A sample more than half a
 * pixel outside the centres of the outermost pixels is excluded from the mean, a nearer one is clamped to the edge; a
 * bin without samples is 0. At whole pixels the offset gradient is the right-hand derivative. Bins whose offset is NaN
 * or infinite read nothing.
 *
 * Differentiable in `x` and `offset`; not in the boxes: asking for their gradient is an error.
 *
 * @param x [n, h, w, outputDim · groupSize²], or without n for a batch of one, float32
 * @param boxes [k, 4], (y1, x1, y2, x2), float32; checked as in {@link roiAlign}
 * @param boxIndices [k], image of each box, int32
 * @param options outputDim, pooledSize, offset, …; see {@link DeformPsRoiPoolOptions}
 * @returns [k, pooledSize, pooledSize, outputDim]
 * @throws TypeError for a wrong kind or dtype; RangeError for shapes that do not fit and for boxes as in {@link
 * roiAlign}
 * @see Dai et al., "Deformable Convolutional Networks" (2017), section 2.2; OpenVINO DeformablePSROIPooling-1
 * @example
 * ```ts
 * const x = tf.tile(tf.reshape(tf.range(0, 4), [1, 1, 1, 4]), [1, 6, 6, 1]);
 * const boxes = tf.tensor2d([[1, 1, 4, 4]]);
 * const boxIndices = tf.tensor1d([0], 'int32');
 * const offset = tf.zeros([1, 2, 2, 2]);
 * const y = conv.deformPsRoiPool(x, boxes, boxIndices, { outputDim: 1, pooledSize: 2, offset });
 * console.log(y.reshape([-1]).arraySync()); // [0, 1, 2, 3]
 * ```
 */
export function deformPsRoiPool(
  x: tf.Tensor3D | tf.Tensor4D,
  boxes: tf.Tensor2D,
  boxIndices: tf.Tensor1D,
  options: DeformPsRoiPoolOptions,
  ...more: never[]
): tf.Tensor4D {
  checkCall(ACTION, CALL, options, OPTIONS, more);
  return tf.tidy(() => {
    const outputDim = checkInteger(ACTION, 'outputDim', options.outputDim, 1);
    const pooledSize = checkInteger(ACTION, 'pooledSize', options.pooledSize, 1);
    const groupSize = checkInteger(ACTION, 'groupSize', options.groupSize ?? pooledSize, 1);
    const partSize = checkInteger(ACTION, 'partSize', options.partSize ?? pooledSize, 1);
    const bins = [pooledSize, pooledSize] as const;
    const { image, geometry } = openRegions(ACTION, x, boxes, boxIndices, bins, options.spatialScale);
    const channels = outputDim * groupSize * groupSize;
    if (geometry.inChannels !== channels) {
      const rule = `the channels of x must be outputDim · groupSize² = ${channels}`;
      throw rangeError(ACTION, rule, 'x.shape', image.shape);
    }
    const { offset } = options;
    const attributes: DeformPsRoiPoolGeometry = {
      ...geometry,
      outChannels: outputDim,
      deformed: offset !== undefined,
      classes: offset === undefined ? 1 : checkOffset(offset, geometry.boxCount, partSize, outputDim),
      groupSize,
      partSize,
      samplesPerPart: checkInteger(ACTION, 'samplesPerPart', options.samplesPerPart ?? 4, 1, MOST_SAMPLES),
      transStd: checkNumber(ACTION, 'transStd', options.transStd ?? 0.1),
    };
    checkOutput(ACTION, attributes);
    const inputs = { x: image, boxes, boxIndices, offset: offset ?? tf.zeros<tf.Rank.R1>([0]) };
    return runKernelSingle(ACTION, DEFORM_PS_ROI_POOL.forward, inputs, attributes) as tf.Tensor4D;
  });
}

/** Returns the number of classes of an offset. Throws unless its shape fits. */
function checkOffset(offset: unknown, boxCount: number, partSize: number, outputDim: number): number {
  const { shape } = checkFloatTensor(ACTION, 'offset', offset, [4]);
  const classes = shape[3]! / 2;
  if (!Number.isInteger(classes) || classes < 1 || outputDim % classes !== 0) {
    const rule = `the last axis of offset must be 2 · classes, with classes that divide outputDim = ${outputDim}`;
    throw rangeError(ACTION, rule, 'offset.shape', shape);
  }
  const form = '[k, partSize, partSize, classes · 2]';
  checkShape(ACTION, 'offset', offset, [boxCount, partSize, partSize, classes * 2], form);
  return classes;
}
