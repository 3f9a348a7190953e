/** Rows of the layers: each class, called through its factory. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../../src/index.js';
import { plainName } from '../../../src/layers/base_layer.js';
import { MAX_SEED } from '../../../src/kernel/philox.js';
import type { LayerArgs } from '../../../src/layers/config.js';
import {
  activation,
  amount,
  boolean,
  but,
  constraint,
  count,
  factor,
  fusedActivation,
  initializer,
  integer,
  layerShape,
  list,
  nullable,
  number,
  padding,
  paddingMode,
  pair,
  pixels,
  regularizer,
  required,
  samples,
  text,
  word,
  type Kind,
} from '../kinds.js';
import { row, type Kinds, type Row } from '../row.js';

type Classes = Omit<typeof conv, 'layers'>;
type LayerName = {
  [Name in keyof Classes]: Classes[Name] extends new (args: never) => tf.layers.Layer ? Name : never;
}[keyof Classes];
type ArgsOf<Name extends LayerName> = NonNullable<ConstructorParameters<Classes[Name]>[0]>;

/** What every layer takes. */
const UNWEIGHTED: Kinds<Omit<LayerArgs, 'weights'>> = {
  name: text,
  trainable: boolean,
  inputShape: layerShape,
  batchInputShape: layerShape,
  batchSize: count,
  dtype: but(word('float32'), 'float16', 'int8', 'bfloat16', 'complex64', 'string'),
};
const LAYER: Kinds<LayerArgs> = {
  ...UNWEIGHTED,
  weights: { bad: () => [5, NaN, 'text', true, {}, [1], [null], [[1]], tf.ones([1]), () => 1] },
};

/** The row of a layer: all its arguments besides {@link LAYER}. */
function layer<Name extends LayerName>(
  name: Name,
  kinds: Kinds<Omit<ArgsOf<Name>, keyof LayerArgs>>,
  base: Partial<ArgsOf<Name>> = {},
): Row {
  const plain = plainName(`Convolutions>${name}`).replace('2D', '2d');
  const factory = `${plain.charAt(0).toLowerCase()}${plain.slice(1)}` as keyof typeof conv.layers;
  const make = (conv.layers as unknown as Readonly<Record<string, (...args: unknown[]) => unknown>>)[factory]!;
  const all = { ...(kinds as Readonly<Record<string, Kind>>), ...LAYER } as Kinds<object>;
  return {
    ...row<object>(name, (args, ...more) => make(args, ...more), all, base),
    nullIsAbsent: true,
    refusesMore: true,
  };
}

/** A number, or a list of them. */
const statistic = (ends: { readonly from?: number }): Kind => {
  const wrong = number(ends).bad().filter((value) => !Array.isArray(value)); // prettier-ignore
  return { bad: () => [...wrong, [], ['1'], [NaN], [[1]], [0, null], new Float32Array(8)] };
};
const IMAGE = { dataFormat: word('channelsLast', 'channelsFirst') };
const KERNEL = { kernelInitializer: initializer, kernelRegularizer: regularizer };
const CONV = {
  ...IMAGE,
  strides: pair(1),
  activation,
  useBias: boolean,
  biasInitializer: initializer,
  biasRegularizer: regularizer,
  biasConstraint: constraint,
};
const WINDOW = { kernelSize: required(pair(1)), padding, dilationRate: pair(1) };
const WINDOW_OF_KERNEL = { padding, dilationRate: pair(1) };
const FILTERS = { filters: required(count), groups: but(count, 3), ...KERNEL, kernelConstraint: constraint };
const PRECISION = { precision: word('single', 'half') };
const HALF_IMAGES = { ...PRECISION, packedImages: word('none', 'input', 'output', 'both') };
const CONV_2D = { ...CONV, ...WINDOW, ...FILTERS, ...HALF_IMAGES, paddingMode };
const CONV_BASE = { filters: 4, kernelSize: 3 };
const DEPTHWISE = {
  depthMultiplier: count,
  depthwiseInitializer: initializer,
  depthwiseRegularizer: regularizer,
  depthwiseConstraint: constraint,
};
const PAD = { ...IMAGE, padding: amount };
const POOL = { ...IMAGE, poolSize: pair(1), strides: pair(1), padding };
const ROI = { ...IMAGE, spatialScale: number({ above: 0 }) };
const BRANCH = {
  predictOffsets: boolean,
  offsetUnits: list(count, 8),
  offsetInitializer: initializer,
  offsetLearningRateMultiplier: number({ from: 0 }),
};
const NORMALIZATION = { momentum: number({ from: 0, below: 1 }), epsilon: number({ from: 0 }) };
const interpolation = word('nearest', 'bilinear');
const samplingRatio = integer(0, 256);
const DROPOUT = {
  rate: required(number({ from: 0, below: 1 })),
  noiseShape: list(nullable(integer(0)), null),
  seed: integer(0, MAX_SEED),
};
const AUGMENTED = { ...IMAGE, seed: integer(0, MAX_SEED) };
const MOVED = {
  ...AUGMENTED,
  fillMode: word('constant', 'nearest', 'reflect', 'wrap'),
  fillValue: number(),
  interpolation,
};
const CROP = { ...IMAGE, height: required(pixels), width: required(pixels) };
const valueRange = list(number(), 255, 2);
const odd = but(pair(1), 2, 4, [3, 2]);
const BLOCK = {
  ...IMAGE,
  ...KERNEL,
  kernelSize: odd,
  depthwiseKernelSize: odd,
  strides: pair(1),
  dilationRate: pair(1),
  groups: count,
  offsetScale: number({ from: 0 }),
  removeCenter: boolean,
  centerFeatureScale: boolean,
};

const FROM_KERNEL: Row = {
  ...row<NonNullable<Parameters<typeof conv.SpatiallySeparableConv2D.fromKernel>[1]>>(
    'SpatiallySeparableConv2D.fromKernel',
    (options) => conv.SpatiallySeparableConv2D.fromKernel([[1, 2], [2, 4]], options), // prettier-ignore
    { ...CONV, ...WINDOW_OF_KERNEL, ...KERNEL, ...UNWEIGHTED, kernelConstraint: constraint, paddingMode, rank: but(count, 3), order: word('verticalFirst', 'horizontalFirst') }, // prettier-ignore
  ),
  nullIsAbsent: true,
};

export const LAYER_ROWS: readonly Row[] = [
  layer('AtrousSpatialPyramidPooling', {
    ...IMAGE,
    ...NORMALIZATION,
    ...KERNEL,
    filters: count,
    rates: list(pixels, 2),
    separable: boolean,
    imagePooling: boolean,
  }),
  layer('AveragePooling2D', POOL),
  layer('BatchNormalization', {
    ...NORMALIZATION,
    axis: but(integer(-6, 5), 0),
    center: boolean,
    scale: boolean,
    activation: fusedActivation,
    betaInitializer: initializer,
    gammaInitializer: initializer,
    movingMeanInitializer: initializer,
    movingVarianceInitializer: initializer,
    betaRegularizer: regularizer,
    gammaRegularizer: regularizer,
    betaConstraint: constraint,
    gammaConstraint: constraint,
  }),
  layer('CenterCrop', CROP, { height: 4, width: 4 }),
  layer('ChannelShuffle', { ...IMAGE, groups: required(count) }, { groups: 2 }),
  layer('ChannelSlice', { ...IMAGE, start: integer(0), size: required(count) }, { size: 2 }),
  layer('CircularPad2D', PAD),
  layer('Conv2D', CONV_2D, CONV_BASE),
  layer('Conv2DTranspose', { ...CONV, ...WINDOW, ...FILTERS, outputPadding: pair(0) }, CONV_BASE),
  layer('CropLike', IMAGE),
  layer(
    'DeformableConv2D',
    {
      ...CONV,
      ...WINDOW,
      ...KERNEL,
      ...PRECISION,
      kernelConstraint: constraint,
      filters: count,
      groups: but(count, 3),
      modulated: boolean,
      maskActivation: word('sigmoid', 'doubleSigmoid'),
      offsetGroups: count,
      depthwise: boolean,
      depthMultiplier: but(count, 2),
      predictOffsets: boolean,
      offsetLimit: number({ from: 0 }),
      offsetLearningRateMultiplier: number({ from: 0 }),
      offsetInitializer: initializer,
    },
    CONV_BASE,
  ),
  layer('DeformableConv2DV3', { ...BLOCK, activation }),
  layer('DeformableConv2DV4', { ...BLOCK, usePointwise: boolean, useBias: boolean }),
  layer(
    'DeformablePSRoIPool',
    {
      ...ROI,
      ...BRANCH,
      outputDim: required(count),
      pooledSize: required(count),
      groupSize: count,
      partSize: count,
      classes: but(count, 3),
      samplesPerPart: samples,
      transStd: number({ from: 0 }),
    },
    { outputDim: 4, pooledSize: 2 },
  ),
  layer(
    'DeformableRoIPool',
    { ...ROI, ...BRANCH, outputSize: required(pair(1)), samplingRatio, gamma: number({ from: 0 }) },
    { outputSize: 2 },
  ),
  layer('DepthwiseConv2D', { ...CONV, ...WINDOW, ...DEPTHWISE, ...HALF_IMAGES, paddingMode }, { kernelSize: 3 }),
  layer(
    'DepthwiseSeparableConv2D',
    {
      ...CONV,
      ...WINDOW,
      ...DEPTHWISE,
      paddingMode,
      filters: required(count),
      midActivation: activation,
      midBatchNormalization: boolean,
      pointwiseInitializer: initializer,
      pointwiseRegularizer: regularizer,
      pointwiseConstraint: constraint,
    },
    CONV_BASE,
  ),
  layer('DilatedConv2D', CONV_2D, CONV_BASE),
  layer('Dropout', DROPOUT, { rate: 0.5 }),
  layer('GroupedConv2D', { ...CONV_2D, groups: required(but(count, 3)) }, { ...CONV_BASE, groups: 2 }),
  layer('HardSwish', {}),
  layer('Identity', {}),
  layer('MaxPooling2D', POOL),
  layer(
    'Normalization',
    {
      axis: but(integer(-6, 5), 0),
      mean: required(statistic({})),
      variance: required(statistic({ from: 0 })),
      invert: boolean,
    },
    { mean: 0, variance: 1 },
  ),
  layer('PointwiseConv2D', { ...CONV, ...FILTERS, ...HALF_IMAGES }, { filters: 4 }),
  layer(
    'RandomBrightness',
    { ...AUGMENTED, factor: required(factor({ from: -1, to: 1 })), valueRange },
    { factor: 0.5 },
  ),
  layer('RandomContrast', { ...AUGMENTED, factor: required(factor({ from: 0, to: 1 })), valueRange }, { factor: 0.5 }),
  layer('RandomCrop', { ...CROP, ...AUGMENTED }, { height: 4, width: 4 }),
  layer('RandomFlip', { ...AUGMENTED, mode: word('horizontal', 'vertical', 'horizontalAndVertical') }),
  layer('RandomRotation', { ...MOVED, factor: required(factor({ from: -1, to: 1 })) }, { factor: 0.5 }),
  layer(
    'RandomTranslation',
    {
      ...MOVED,
      heightFactor: required(factor({ from: -1, to: 1 })),
      widthFactor: required(factor({ from: -1, to: 1 })),
    },
    { heightFactor: 0.5, widthFactor: 0.5 },
  ),
  layer(
    'RandomZoom',
    { ...MOVED, heightFactor: required(factor({ above: -1, to: 1 })), widthFactor: factor({ above: -1, to: 1 }) },
    { heightFactor: 0.5 },
  ),
  layer('PSRoIAlign', { ...ROI, outputSize: required(pair(1)), samplingRatio }, { outputSize: 2 }),
  layer('PSRoIPool', { ...ROI, outputSize: required(pair(1)) }, { outputSize: 2 }),
  layer(
    'ReceptiveFieldBlock',
    {
      ...IMAGE,
      ...NORMALIZATION,
      ...KERNEL,
      filters: required(count),
      variant: word('rfb', 'rfb-a'),
      strides: but(count, 3),
      scale: number({ from: 0 }),
      visual: integer(1, 2 ** 28 - 1),
    },
    { filters: 16 },
  ),
  layer('ReflectPad2D', PAD),
  layer('ReplicatePad2D', PAD),
  layer('ResizeBilinear', IMAGE),
  layer(
    'Resizing',
    { ...IMAGE, height: required(pixels), width: required(pixels), interpolation },
    { height: 4, width: 4 },
  ),
  layer('RoIAlign', { ...ROI, outputSize: required(pair(1)), samplingRatio, aligned: boolean }, { outputSize: 2 }),
  layer('RoIPool', { ...ROI, outputSize: required(pair(1)) }, { outputSize: 2 }),
  layer(
    'SpatiallySeparableConv2D',
    {
      ...CONV,
      ...WINDOW,
      ...KERNEL,
      kernelConstraint: constraint,
      paddingMode,
      filters: required(count),
      rank: count,
      order: word('verticalFirst', 'horizontalFirst'),
      midActivation: activation,
    },
    CONV_BASE,
  ),
  layer('SqueezeExcite', {
    ...IMAGE,
    ...KERNEL,
    ratio: number({ above: 0 }),
    hidden: count,
    activation,
    gateActivation: word('sigmoid', 'hardSigmoid'),
  }),
  layer('UpSampling2D', { ...IMAGE, size: pair(1), interpolation }),
  FROM_KERNEL,
];
