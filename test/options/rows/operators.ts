/** Rows of the operators. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../../src/index.js';
import { MAX_SEED } from '../../../src/kernel/philox.js';
import { boolean, but, count, fusedActivation, integer, list, nullable, number, padding, paddingMode, pair, required, samples, samplesOrFewer, tensor, word } from '../kinds.js'; // prettier-ignore
import { row } from '../row.js';

const WINDOW = { strides: pair(1), padding, dilations: pair(1) };

/** One image of 5×4, and what operators take with it; made once. */
const given = once(() => ({
  x: tf.ones<tf.Rank.R4>([1, 5, 4, 4]),
  filter: tf.ones<tf.Rank.R4>([3, 2, 4, 4]),
  depthwise: tf.ones<tf.Rank.R4>([3, 2, 4, 1]),
  offset: tf.zeros<tf.Rank.R4>([1, 3, 3, 12]),
  gridOffset: tf.zeros<tf.Rank.R4>([1, 3, 2, 18]),
  gridMask: tf.zeros<tf.Rank.R4>([1, 3, 2, 9]),
  boxes: tf.tensor2d([[0, 0, 2, 2]]),
  indices: tf.tensor1d([0], 'int32'),
  channels: tf.ones<tf.Rank.R1>([4]),
}));

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

/** Boxes and their images, for {@link given}. */
const regions = (): [tf.Tensor4D, tf.Tensor2D, tf.Tensor1D] => [given().x, given().boxes, given().indices];

const ROI = { outputSize: required(pair(1)), spatialScale: number({ above: 0 }) };
const POOL = { poolSize: required(pair(1)), strides: pair(1), padding };
const POOLED = { poolSize: 2 };
const PRECISION = { precision: word('single', 'half') };
const PRECISIONS = { ...PRECISION, outputPrecision: word('single', 'half') };
const BATCH_NORM = { gamma: tensor(4), beta: tensor(4), epsilon: number({ from: 0 }), activation: fusedActivation };

export const OPERATOR_ROWS = [
  row<conv.BatchNormOptions>(
    'batchNorm',
    (options, ...more) => conv.batchNorm(given().x, options, ...more),
    BATCH_NORM,
  ),
  row<conv.BatchNormOptions>(
    'batchNormInference',
    (options, ...more) => conv.batchNormInference(given().x, given().channels, given().channels, options, ...more),
    BATCH_NORM,
  ),
  row<conv.Conv2DOptions>('conv2d', (options, ...more) => conv.conv2d(given().x, given().filter, options, ...more), {
    ...WINDOW,
    ...PRECISIONS,
    bias: tensor(4),
    activation: fusedActivation,
    groups: count,
    paddingMode,
  }),
  row<conv.Conv2DTransposeOptions>(
    'conv2dTranspose',
    (options, ...more) => conv.conv2dTranspose(given().x, given().filter, options, ...more),
    { ...WINDOW, bias: tensor(4), groups: but(count, 3), outputPadding: but(pair(0), 1) },
  ),
  row<conv.DeformConv2DOptions>(
    'deformConv2d',
    (options, ...more) => conv.deformConv2d(given().x, given().offset, given().filter, options, ...more),
    { ...WINDOW, ...PRECISION, mask: tensor(1, 3, 3, 6), bias: tensor(4), groups: count, offsetGroups: count },
  ),
  row<conv.DeformConv2DV3Options>(
    'deformConv2dV3',
    (options, ...more) => conv.deformConv2dV3(given().x, given().gridOffset, given().gridMask, options, ...more),
    {
      ...WINDOW,
      kernelSize: pair(1),
      groups: but(count, 3),
      offsetScale: number(),
      removeCenter: boolean,
      softmax: boolean,
    },
  ),
  row<conv.DeformPsRoiPoolOptions>(
    'deformPsRoiPool',
    (options, ...more) => conv.deformPsRoiPool(...regions(), options, ...more),
    {
      outputDim: required(count),
      pooledSize: required(count),
      groupSize: count,
      partSize: count,
      samplesPerPart: samples,
      spatialScale: number({ above: 0 }),
      offset: tensor(1, 2, 2, 2),
      transStd: number(),
    },
    { outputDim: 1, pooledSize: 2 },
  ),
  row<conv.DeformRoiPoolOptions>(
    'deformRoiPool',
    (options, ...more) => conv.deformRoiPool(...regions(), options, ...more),
    { ...ROI, samplingRatio: samplesOrFewer, offset: tensor(1, 2, 2, 2), gamma: number() },
    { outputSize: 2 },
  ),
  row<conv.DepthwiseConv2DOptions>(
    'depthwiseConv2d',
    (options, ...more) => conv.depthwiseConv2d(given().x, given().depthwise, options, ...more),
    { ...WINDOW, ...PRECISIONS, bias: tensor(4), activation: fusedActivation, paddingMode },
  ),
  row<conv.DropoutOptions>(
    'dropout',
    (options, ...more) => conv.dropout(given().x, options, ...more),
    {
      rate: required(number({ from: 0, below: 1 })),
      seed: integer(0, MAX_SEED),
      noiseShape: but(list(nullable(integer(0)), null, 4), [1, 5, 4, 2]),
    },
    { rate: 0.5 },
  ),
  row<conv.Pool2DOptions>('avgPool2d', (options, ...more) => conv.avgPool2d(given().x, options, ...more), POOL, POOLED),
  row<conv.Pool2DOptions>('maxPool2d', (options, ...more) => conv.maxPool2d(given().x, options, ...more), POOL, POOLED),
  row<conv.SampledRoiOptions>(
    'psRoiAlign',
    (options, ...more) => conv.psRoiAlign(...regions(), options, ...more),
    { ...ROI, samplingRatio: samplesOrFewer },
    { outputSize: 2 },
  ),
  row<conv.RoiOptions>('psRoiPool', (options, ...more) => conv.psRoiPool(...regions(), options, ...more), ROI, {
    outputSize: 2,
  }),
  row<conv.RoiAlignOptions>(
    'roiAlign',
    (options, ...more) => conv.roiAlign(...regions(), options, ...more),
    { ...ROI, samplingRatio: samplesOrFewer, aligned: boolean },
    { outputSize: 2 },
  ),
  row<conv.RoiOptions>('roiPool', (options, ...more) => conv.roiPool(...regions(), options, ...more), ROI, {
    outputSize: 2,
  }),
].map((operator) => ({ ...operator, refusesMore: true }));
