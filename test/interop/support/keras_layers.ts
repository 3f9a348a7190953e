/** Every layer of this package, with every option, and the layers of TensorFlow.js that Keras has too. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../../src/index.js';

/** A layer and the shapes of its inputs. */
export interface LayerCase {
  readonly name: string;
  readonly build: () => tf.layers.Layer;
  /** Shapes of the inputs, batch included. */
  readonly inputs: readonly (readonly number[])[];
  /** Boxes and their images, after the first input. */
  readonly boxes?: boolean;
  /** True if Keras needs the Python package. @default false */
  readonly own?: boolean;
  /** Second input, if it is not random. */
  readonly second?: () => tf.Tensor;
  /** True if it differs in training. @default false */
  readonly trained?: boolean;
  /** True if Keras cannot write it to an .h5 file. @default false */
  readonly archiveOnly?: boolean;
}

const { layers } = conv;
const IMAGE = [2, 7, 6, 4];
const FIRST = [2, 4, 7, 6];
const sides = [
  [2, 1],
  [1, 0],
] as const;

const own = (name: string, build: () => tf.layers.Layer, ...inputs: readonly (readonly number[])[]): LayerCase => {
  return { name, build, inputs: inputs.length > 0 ? inputs : [IMAGE], own: true };
};
const stock = (name: string, build: () => tf.layers.Layer, ...inputs: readonly (readonly number[])[]): LayerCase => {
  return { ...own(name, build, ...inputs), own: false };
};
/** On TensorFlow, Keras 3.15 keeps ranges from a file in lists that it cannot copy, which it does for .h5 files. */
const archived = (name: string, build: () => tf.layers.Layer): LayerCase => ({
  ...stock(name, build),
  archiveOnly: true,
});
const regions = (name: string, build: () => tf.layers.Layer, ...inputs: readonly (readonly number[])[]): LayerCase => {
  return { ...own(name, build, ...inputs), boxes: true };
};
/** Offsets that sample exactly at whole pixels, at the border of what is read and beyond, and where there is nothing. */
function edges(): tf.Tensor {
  const values = [0, 0, -1, 1, NaN, 0, Infinity, -Infinity, 0, 3e38, -2, 2, 6, -7, 0.5];
  return tf.tensor(
    Float32Array.from({ length: 2 * 7 * 6 * 18 }, (_, index) => values[index % values.length]!),
    [2, 7, 6, 18],
  );
}

const trained = (layer: LayerCase): LayerCase => ({ ...layer, trained: true });

const PLAIN: readonly LayerCase[] = [
  stock('Conv2D', () => layers.conv2d({ filters: 6, kernelSize: [3, 2], groups: 2, activation: 'hardSwish' })),
  own('Conv2D, every option', () =>
    layers.conv2d({
      ...{ filters: 6, kernelSize: [3, 2], strides: [2, 1], padding: sides, paddingMode: 'reflect', dilationRate: [1, 2] },
      ...{ groups: 2, dataFormat: 'channelsFirst', activation: 'gelu_new', kernelConstraint: 'maxNorm' },
      ...{ kernelInitializer: 'heNormal', biasInitializer: 'ones', kernelRegularizer: 'l2', biasConstraint: 'nonNeg' },
    }), FIRST),
  own('Conv2D, strides with dilation', () =>
    layers.conv2d({ filters: 3, kernelSize: 2, strides: 2, dilationRate: 2, activation: 'hardSigmoid' })),
  stock('DilatedConv2D', () => layers.dilatedConv2d({ filters: 3, kernelSize: 3, useBias: false })),
  own('GroupedConv2D', () =>
    layers.groupedConv2d({ filters: 8, kernelSize: 3, groups: 4, padding: 1, paddingMode: 'circular' })),
  stock('PointwiseConv2D', () => layers.pointwiseConv2d({ filters: 6, groups: 2, strides: 2, activation: 'mish' })),
  own('PointwiseConv2D, channels first', () =>
    layers.pointwiseConv2d({ filters: 6, dataFormat: 'channelsFirst', activation: 'softmax' }), FIRST),
  stock('DepthwiseConv2D', () =>
    layers.depthwiseConv2d({ kernelSize: 3, strides: 2, padding: 'same', depthMultiplier: 2, activation: 'relu6' })),
  own('DepthwiseConv2D, every option', () =>
    layers.depthwiseConv2d({
      ...{ kernelSize: [2, 3], strides: [2, 1], padding: 'same', paddingMode: 'replicate', dilationRate: [2, 1] },
      ...{ depthMultiplier: 2, depthwiseInitializer: 'heUniform', depthwiseRegularizer: 'l2' },
    })),
  stock('DepthwiseSeparableConv2D', () =>
    layers.depthwiseSeparableConv2d({ filters: 5, kernelSize: 3, padding: 'same', depthMultiplier: 2 })),
  trained(own('DepthwiseSeparableConv2D, every option', () =>
    layers.depthwiseSeparableConv2d({
      ...{ filters: 5, kernelSize: [3, 2], strides: [1, 2], padding: 1, paddingMode: 'circular', dilationRate: 2 },
      ...{ dataFormat: 'channelsFirst', midBatchNormalization: true, midActivation: 'elu', useBias: false },
      ...{ depthwiseInitializer: 'leCunNormal', pointwiseConstraint: 'nonNeg', depthwiseRegularizer: 'l1l2' },
    }), FIRST)),
  own('SpatiallySeparableConv2D', () =>
    layers.spatiallySeparableConv2d({ filters: 5, kernelSize: [3, 2], rank: 2, strides: [2, 1], padding: sides })),
  own('SpatiallySeparableConv2D, every option', () =>
    layers.spatiallySeparableConv2d({
      ...{ filters: 5, kernelSize: [3, 2], order: 'horizontalFirst', padding: 'same', paddingMode: 'replicate' },
      ...{ dilationRate: [1, 2], midActivation: 'tanh', activation: 'swish', dataFormat: 'channelsFirst' },
    }), FIRST),
  stock('Conv2DTranspose', () =>
    layers.conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2, padding: 'same', activation: 'softsign' })),
  own('Conv2DTranspose, every option', () =>
    layers.conv2dTranspose({
      ...{ filters: 6, kernelSize: [3, 2], strides: [3, 2], padding: sides, outputPadding: [2, 1], dilationRate: [2, 1] },
      ...{ groups: 2, activation: 'selu' },
    })),
  own('Conv2DTranspose in groups, channels first', () =>
    layers.conv2dTranspose({ filters: 4, kernelSize: 2, strides: 3, groups: 4, dataFormat: 'channelsFirst' }), FIRST),
]; // prettier-ignore

const DEFORMABLE: readonly LayerCase[] = [
  own('DeformableConv2D', () => layers.deformableConv2d({ filters: 3, kernelSize: 3, padding: 'same' })),
  own('DeformableConv2D, every option', () =>
    layers.deformableConv2d({
      ...{ filters: 6, kernelSize: [2, 3], strides: [2, 1], padding: sides, dilationRate: [1, 2], groups: 2 },
      ...{ maskActivation: 'doubleSigmoid', offsetGroups: 4, offsetLimit: 3, offsetLearningRateMultiplier: 0.5 },
      ...{ dataFormat: 'channelsFirst', activation: 'softplus', kernelInitializer: 'orthogonal' },
      offsetInitializer: tf.initializers.randomUniform({ minval: -0.1, maxval: 0.1, seed: 5 }),
    }), FIRST),
  own('DeformableConv2D, version 1, depthwise', () =>
    layers.deformableConv2d({
      ...{ kernelSize: 3, strides: 2, padding: 1, depthwise: true, depthMultiplier: 2, modulated: false },
      ...{ offsetGroups: 2, useBias: false },
    })),
  own('DeformableConv2D, offsets and mask given', () =>
    layers.deformableConv2d({ filters: 3, kernelSize: 2, predictOffsets: false }), IMAGE, [2, 6, 5, 8], [2, 6, 5, 4]),
  own('DeformableConv2D, offsets given', () =>
    layers.deformableConv2d({ filters: 3, kernelSize: 2, predictOffsets: false }), IMAGE, [2, 6, 5, 8]),
  {
    ...own('DeformableConv2D, offsets at the edges', () =>
      layers.deformableConv2d({ filters: 3, kernelSize: 3, padding: 'same', predictOffsets: false }), IMAGE, [2, 7, 6, 18]),
    second: edges,
  },
  own('DeformableConv2DV3', () => layers.deformableConv2dV3({ groups: 2 })),
  own('DeformableConv2DV3, every option', () =>
    layers.deformableConv2dV3({
      ...{ kernelSize: [3, 5], strides: [1, 2], dilationRate: 2, groups: 4, offsetScale: 1.3, removeCenter: true },
      ...{ depthwiseKernelSize: 5, activation: 'tanh', kernelInitializer: 'heNormal', dataFormat: 'channelsFirst' },
    }), FIRST),
  own('DeformableConv2DV3, centre', () => layers.deformableConv2dV3({ groups: 2, centerFeatureScale: true })),
  own('DeformableConv2DV4', () => layers.deformableConv2dV4({ groups: 2, strides: 2 })),
  own('DeformableConv2DV4, every option', () =>
    layers.deformableConv2dV4({
      ...{ kernelSize: 3, groups: 4, offsetScale: 0.7, removeCenter: true, centerFeatureScale: true, useBias: false },
      ...{ depthwiseKernelSize: [3, 5] },
    })),
  own('DeformableConv2DV4 without projections', () => layers.deformableConv2dV4({ groups: 2, usePointwise: false })),
]; // prettier-ignore

const BLOCKS: readonly LayerCase[] = [
  trained(own('AtrousSpatialPyramidPooling', () =>
    layers.atrousSpatialPyramidPooling({ filters: 3, rates: [1, 3], momentum: 0.9, epsilon: 1e-3 }))),
  trained(own('AtrousSpatialPyramidPooling, separable', () =>
    layers.atrousSpatialPyramidPooling({
      ...{ filters: 3, rates: [2], separable: true, imagePooling: false, dataFormat: 'channelsFirst' },
      kernelInitializer: 'heNormal',
    }), FIRST)),
  trained(own('ReceptiveFieldBlock', () =>
    layers.receptiveFieldBlock({ filters: 5, strides: 2, scale: 0.3, visual: 2, epsilon: 0.1 }), [2, 7, 6, 9])),
  trained(own('ReceptiveFieldBlock, rfb-a', () =>
    layers.receptiveFieldBlock({ filters: 5, variant: 'rfb-a', momentum: 0.9, epsilon: 0.1 }), [2, 7, 6, 8])),
  own('SqueezeExcite', () => layers.squeezeExcite({ hidden: 3 })),
  own('SqueezeExcite, every option', () =>
    layers.squeezeExcite({ ratio: 0.5, activation: 'swish', gateActivation: 'sigmoid', dataFormat: 'channelsFirst' }), FIRST),
  trained(stock('BatchNormalization', () =>
    layers.batchNormalization({ momentum: 0.9, epsilon: 0.01, axis: 1, scale: false, betaInitializer: 'ones' }))),
  trained(own('BatchNormalization, activation', () => layers.batchNormalization({ activation: 'relu6' }))),
  own('ChannelShuffle', () => layers.channelShuffle({ groups: 2 })),
  own('ChannelShuffle, channels first', () => layers.channelShuffle({ groups: 2, dataFormat: 'channelsFirst' }), FIRST),
  own('ChannelSlice', () => layers.channelSlice({ start: 1, size: 2 })),
  own('CropLike', () => layers.cropLike(), IMAGE, [2, 5, 6, 3]),
  own('ReflectPad2D', () => layers.reflectPad2d({ padding: sides })),
  own('ReplicatePad2D', () => layers.replicatePad2d({ padding: sides, dataFormat: 'channelsFirst' }), FIRST),
  own('CircularPad2D', () => layers.circularPad2d({ padding: 2 })),
  own('MaxPooling2D', () => layers.maxPooling2d({ poolSize: 3, strides: 2, padding: [[1, 0], [0, 1]] })),
  stock('MaxPooling2D, same', () => layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' })),
  own('AveragePooling2D', () => layers.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' })),
  stock('AveragePooling2D, valid', () => layers.averagePooling2d({ poolSize: [2, 3], dataFormat: 'channelsFirst' }), FIRST),
  stock('HardSwish', () => layers.hardSwish()),
  stock('Identity', () => layers.identity()),
  stock('Dropout', () => layers.dropout({ rate: 0.3, seed: 3, noiseShape: [null, 1, 1, null] })),
  stock('Normalization', () => layers.normalization({ mean: [0.5, 0.1, 1, 0], variance: [1, 2, 0.5, 0.25] })),
  stock('Normalization, inverted', () => layers.normalization({ axis: 1, mean: 0.5, variance: 2, invert: true })),
  own('RandomCrop', () => layers.randomCrop({ height: 3, width: 4, seed: 2 })),
  stock('CenterCrop', () => layers.centerCrop({ height: 4, width: 3 })),
  stock('CenterCrop, larger', () => layers.centerCrop({ height: 9, width: 3, dataFormat: 'channelsFirst' }), FIRST),
  stock('RandomFlip', () => layers.randomFlip({ mode: 'horizontalAndVertical' })),
  archived('RandomBrightness', () => layers.randomBrightness({ factor: [-0.1, 0.2], valueRange: [-2, 2], seed: 3 })),
  archived('RandomContrast', () => layers.randomContrast({ factor: 0.2 })),
  archived('RandomRotation', () => layers.randomRotation({ factor: 0.1, fillMode: 'wrap', interpolation: 'nearest' })),
  archived('RandomTranslation', () => layers.randomTranslation({ heightFactor: 0.1, widthFactor: [0, 0.2] })),
  archived('RandomZoom', () => layers.randomZoom({ heightFactor: [-0.1, 0.2], fillMode: 'constant', fillValue: 0.5 })),
  own('ResizeBilinear', () => layers.resizeBilinear(), IMAGE, [2, 5, 9, 3]),
  stock('Resizing', () => layers.resizing({ height: 5, width: 9 })),
  stock('UpSampling2D', () => layers.upSampling2d({ size: [2, 3], interpolation: 'bilinear' })),
]; // prettier-ignore

const REGIONS: readonly LayerCase[] = [
  regions('RoIAlign', () => layers.roiAlign({ outputSize: [2, 3], spatialScale: 0.5, samplingRatio: 2, aligned: true })),
  regions('RoIAlign, adaptive', () => layers.roiAlign({ outputSize: 2, dataFormat: 'channelsFirst' }), FIRST),
  regions('RoIPool', () => layers.roiPool({ outputSize: [3, 2], spatialScale: 0.5 })),
  regions('PSRoIAlign', () => layers.psRoiAlign({ outputSize: [2, 3], samplingRatio: 3 }), [2, 7, 6, 12]),
  regions('PSRoIPool', () => layers.psRoiPool({ outputSize: 2, spatialScale: 0.5 }), [2, 7, 6, 8]),
  regions('DeformableRoIPool', () =>
    layers.deformableRoiPool({
      ...{ outputSize: [2, 3], spatialScale: 0.5, samplingRatio: 2, gamma: 0.3, offsetUnits: [5] },
      offsetLearningRateMultiplier: 0.1,
    })),
  regions('DeformableRoIPool, offsets given', () =>
    layers.deformableRoiPool({ outputSize: [2, 3], predictOffsets: false }), IMAGE, [3, 2, 3, 2]),
  regions('DeformablePSRoIPool', () =>
    layers.deformablePsRoiPool({
      ...{ outputDim: 4, pooledSize: 3, groupSize: 2, partSize: 2, classes: 2, samplesPerPart: 3, transStd: 0.2 },
      ...{ offsetUnits: [], spatialScale: 0.5, dataFormat: 'channelsFirst' },
    }), [2, 16, 7, 6]),
]; // prettier-ignore

const STOCK: readonly LayerCase[] = [
  own('tf.layers.activation, hard sigmoid', () => tf.layers.activation({ activation: 'hardSigmoid' })),
  stock('tf.layers.averagePooling1d', () => tf.layers.averagePooling1d({ poolSize: 2 }), [2, 7, 4]),
  stock('tf.layers.concatenate', () => tf.layers.concatenate({ axis: 3 }), IMAGE, [2, 7, 6, 3]),
  stock('tf.layers.conv1d', () => tf.layers.conv1d({ filters: 3, kernelSize: 3, padding: 'same' }), [2, 7, 4]),
  stock('tf.layers.conv2d', () => tf.layers.conv2d({ filters: 3, kernelSize: 2, activation: 'elu', padding: 'same' })),
  stock('tf.layers.cropping2D', () => tf.layers.cropping2D({ cropping: [[1, 0], [2, 1]] })),
  stock('tf.layers.dense', () => tf.layers.dense({ units: 3, activation: 'gelu', kernelInitializer: 'heUniform' })),
  stock('tf.layers.depthwiseConv2d', () => tf.layers.depthwiseConv2d({ kernelSize: 2, depthMultiplier: 2 })),
  stock('tf.layers.dot', () => tf.layers.dot({ axes: 2 }), [2, 3, 4], [2, 5, 4]),
  stock('tf.layers.elu', () => tf.layers.elu()),
  stock('tf.layers.flatten', () => tf.layers.flatten()),
  stock('tf.layers.globalMaxPooling2d', () => tf.layers.globalMaxPooling2d({ dataFormat: 'channelsLast' })),
  stock('tf.layers.layerNormalization', () => tf.layers.layerNormalization({ epsilon: 0.01 })),
  stock('tf.layers.leakyReLU', () => tf.layers.leakyReLU({ alpha: 0.2 })),
  stock('tf.layers.maximum', () => tf.layers.maximum(), IMAGE, IMAGE),
  stock('tf.layers.permute', () => tf.layers.permute({ dims: [2, 3, 1] })),
  stock('tf.layers.prelu', () => tf.layers.prelu({ sharedAxes: [1, 2] })),
  stock('tf.layers.reLU', () => tf.layers.reLU({ maxValue: 0.5 })),
  stock('tf.layers.repeatVector', () => tf.layers.repeatVector({ n: 3 }), [2, 4]),
  stock('tf.layers.rescaling', () => tf.layers.rescaling({ scale: 0.5, offset: -1 })),
  stock('tf.layers.reshape', () => tf.layers.reshape({ targetShape: [6, -1] })),
  stock('tf.layers.separableConv2d', () => tf.layers.separableConv2d({ filters: 3, kernelSize: 2 })),
  stock('tf.layers.softmax', () => tf.layers.softmax({ axis: -1 })),
  stock('tf.layers.thresholdedReLU', () => tf.layers.thresholdedReLU({ theta: 0.3 })),
  stock('tf.layers.upSampling2d', () => tf.layers.upSampling2d({ size: [2, 3] })),
  stock('tf.layers.zeroPadding2d', () => tf.layers.zeroPadding2d({ padding: [[1, 0], [2, 1]] })),
]; // prettier-ignore

/** Layers whose Keras counterparts need no package first. */
export const LAYER_CASES: readonly LayerCase[] = [...PLAIN, ...BLOCKS, ...STOCK, ...DEFORMABLE, ...REGIONS].sort(
  (a, b) => Number(a.own) - Number(b.own),
);

/** Three boxes, and the images that they are in. */
export const boxes = (): [tf.Tensor2D, tf.Tensor2D] => [
  tf.tensor2d([
    [1.3, 0.4, 9.2, 7.9],
    [0.2, 2.1, 6.7, 9.4],
    [3.1, 1.7, 10.3, 8.2],
  ]),
  tf.tensor2d([[1], [0], [1]], [3, 1], 'int32'),
];
