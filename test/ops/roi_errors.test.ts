/** Errors of the region operators for invalid arguments, which leave no tensor behind. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { anything, testRefusals, type Refusal } from '../support/refusals.js';
import { OPERATORS } from '../support/roi_operators.js';

const x = (channels = 6): tf.Tensor4D => tf.ones([2, 5, 4, channels]);
const boxes = (): tf.Tensor2D => tf.tensor2d([[0, 0, 2, 2]]);
const indices = (): tf.Tensor1D => tf.tensor1d([0], 'int32');

const COMMON = OPERATORS.flatMap(({ name, options }): Refusal[] => {
  const run = (...given: unknown[]): unknown => conv[name](...(given as [never, never, never]), anything(options));
  const action = `Cannot run ${name}`;
  return [
    {
      title: `${name}() of an int32 image`,
      call: () => run(tf.cast(x(24), 'int32'), boxes(), indices()),
      type: TypeError,
      message: `${action}: x must be a float32 tensor, received x.dtype = 'int32'`,
    },
    {
      title: `${name}() of a matrix`,
      call: () => run(tf.ones([5, 4]), boxes(), indices()),
      type: RangeError,
      message: `${action}: x must have rank 3 or 4, received x.shape = [5, 4]`,
    },
    {
      title: `${name}() with boxes of five numbers`,
      call: () => run(x(24), tf.ones([1, 5]), indices()),
      type: RangeError,
      message: `${action}: boxes must have shape [k, 4] = [1, 4], received boxes.shape = [1, 5]`,
    },
    {
      title: `${name}() with one box as a vector`,
      call: () => run(x(24), tf.ones([4]), indices()),
      type: RangeError,
      message: `${action}: boxes must have rank 2, received boxes.shape = [4]`,
    },
    {
      title: `${name}() with int32 boxes`,
      call: () => run(x(24), tf.ones([1, 4], 'int32'), indices()),
      type: TypeError,
      message: `${action}: boxes must be a float32 tensor, received boxes.dtype = 'int32'`,
    },
    {
      title: `${name}() with float32 indices`,
      call: () => run(x(24), boxes(), tf.zeros([1])),
      type: TypeError,
      message: `${action}: boxIndices must be an int32 tensor, received boxIndices.dtype = 'float32'`,
    },
    {
      title: `${name}() with an array of indices`,
      call: () => run(x(24), boxes(), [0]),
      type: TypeError,
      message: `${action}: boxIndices must be a tensor, received boxIndices = [0]`,
    },
    {
      title: `${name}() with an index for each of two boxes`,
      call: () => run(x(24), boxes(), tf.zeros([2], 'int32')),
      type: RangeError,
      message: `${action}: boxIndices must have shape [k] = [1], received boxIndices.shape = [2]`,
    },
  ];
});

const OPTIONS: readonly Refusal[] = [
  {
    title: 'roiAlign() without outputSize',
    call: () => conv.roiAlign(x(), boxes(), indices(), anything({})),
    type: TypeError,
    message: 'Cannot run roiAlign: outputSize must be a number or [height, width], received outputSize = undefined',
  },
  {
    title: 'roiPool() with no bins',
    call: () => conv.roiPool(x(), boxes(), indices(), { outputSize: [2, 0] }),
    type: RangeError,
    message: 'Cannot run roiPool: outputSize must be an integer of at least 1, received outputSize = 0',
  },
  {
    title: 'roiAlign() with a scale of 0',
    call: () => conv.roiAlign(x(), boxes(), indices(), { outputSize: 2, spatialScale: 0 }),
    type: RangeError,
    message: 'Cannot run roiAlign: spatialScale must be a number above 0, received spatialScale = 0',
  },
  {
    title: 'roiAlign() with a scale that is no number',
    call: () => conv.roiAlign(x(), boxes(), indices(), { outputSize: 2, spatialScale: NaN }),
    type: RangeError,
    message: 'Cannot run roiAlign: spatialScale must be finite, received spatialScale = NaN',
  },
  {
    title: 'roiAlign() with half a sample',
    call: () => conv.roiAlign(x(), boxes(), indices(), { outputSize: 2, samplingRatio: 1.5 }),
    type: RangeError,
    message: 'Cannot run roiAlign: samplingRatio must be an integer of at most 256, received samplingRatio = 1.5',
  },
  {
    title: 'roiAlign() with samplingRatio as text',
    call: () => conv.roiAlign(x(), boxes(), indices(), { outputSize: 2, samplingRatio: anything('2') }),
    type: TypeError,
    message: "Cannot run roiAlign: samplingRatio must be an integer of at most 256, received samplingRatio = '2'",
  },
  {
    title: 'psRoiPool() of channels that the bins do not divide',
    call: () => conv.psRoiPool(x(), boxes(), indices(), { outputSize: [2, 2] }),
    type: RangeError,
    message:
      'Cannot run psRoiPool: the channels of x must be a multiple of outHeight · outWidth = 4, received x.shape = [2, 5, 4, 6]',
  },
  {
    title: 'psRoiAlign() of channels that the bins do not divide',
    call: () => conv.psRoiAlign(x(), boxes(), indices(), { outputSize: [3, 3] }),
    type: RangeError,
    message:
      'Cannot run psRoiAlign: the channels of x must be a multiple of outHeight · outWidth = 9, received x.shape = [2, 5, 4, 6]',
  },
  {
    title: 'deformRoiPool() with an offset of the wrong shape',
    call: () => conv.deformRoiPool(x(), boxes(), indices(), { outputSize: [2, 3], offset: tf.zeros([1, 3, 2, 2]) }),
    type: RangeError,
    message:
      'Cannot run deformRoiPool: offset must have shape [k, outHeight, outWidth, 2] = [1, 2, 3, 2], received offset.shape = [1, 3, 2, 2]',
  },
  {
    title: 'deformRoiPool() with an endless gamma',
    call: () => conv.deformRoiPool(x(), boxes(), indices(), { outputSize: 2, gamma: Infinity }),
    type: RangeError,
    message: 'Cannot run deformRoiPool: gamma must be finite, received gamma = Infinity',
  },
  {
    title: 'deformPsRoiPool() of other channels than its groups need',
    call: () => conv.deformPsRoiPool(x(), boxes(), indices(), { outputDim: 2, pooledSize: 2 }),
    type: RangeError,
    message:
      'Cannot run deformPsRoiPool: the channels of x must be outputDim · groupSize² = 8, received x.shape = [2, 5, 4, 6]',
  },
  {
    title: 'deformPsRoiPool() with offsets of classes that do not divide the output',
    call: () =>
      conv.deformPsRoiPool(x(), boxes(), indices(), {
        outputDim: 6,
        pooledSize: 2,
        groupSize: 1,
        offset: tf.zeros([1, 2, 2, 8]),
      }),
    type: RangeError,
    message:
      'Cannot run deformPsRoiPool: the last axis of offset must be 2 · classes, with classes that divide outputDim = 6, received offset.shape = [1, 2, 2, 8]',
  },
  {
    title: 'deformPsRoiPool() with offsets of other parts',
    call: () =>
      conv.deformPsRoiPool(x(), boxes(), indices(), {
        outputDim: 6,
        pooledSize: 2,
        groupSize: 1,
        partSize: 3,
        offset: tf.zeros([1, 2, 2, 4]),
      }),
    type: RangeError,
    message:
      'Cannot run deformPsRoiPool: offset must have shape [k, partSize, partSize, classes · 2] = [1, 3, 3, 4], received offset.shape = [1, 2, 2, 4]',
  },
];

testRefusals([...COMMON, ...OPTIONS]);
