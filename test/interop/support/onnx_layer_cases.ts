/** Models of one or a few layers, with every option that changes the graph. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../../src/index.js';
import type { ExportCase } from './onnx_exports.js';

const L = conv.layers;
const T = tf.layers;

/** Two batch sizes and two image sizes, even and odd. */
const sizes = (channels: number): readonly (readonly (readonly number[])[])[] => [
  [[1, 8, 9, channels]],
  [[3, 11, 6, channels]],
];

const chain = (shape: tf.Shape, layers: readonly tf.layers.Layer[]): tf.LayersModel => {
  const input = tf.input({ shape, name: 'image' });
  const output = layers.reduce<tf.SymbolicTensor>((x, layer) => layer.apply(x) as tf.SymbolicTensor, input);
  return tf.model({ inputs: input, outputs: output });
};

/** One layer on images of any size. */
const onImages = (name: string, channels: number, layer: () => tf.layers.Layer, deforms = false): ExportCase => ({
  name,
  build: () => chain([null, null, channels], [layer()]),
  runs: sizes(channels),
  deforms,
});

/** The same on images of one size. */
const onFixed = (
  name: string,
  shape: readonly number[],
  layers: () => readonly tf.layers.Layer[],
  deforms = false,
): ExportCase => ({
  name,
  build: () => chain([...shape], layers()),
  runs: [[[1, ...shape]], [[2, ...shape]]],
  deforms,
});

const ACTIVATIONS = [
  ...(['elu', 'gelu', 'gelu_new', 'hardSigmoid', 'hardSwish', 'linear', 'mish', 'relu', 'relu6', 'selu'] as const),
  ...(['sigmoid', 'softmax', 'softplus', 'softsign', 'swish', 'tanh', 'logSoftmax'] as const),
];

const CONVOLUTIONS: readonly ExportCase[] = [
  onImages('conv2d', 3, () => L.conv2d({ filters: 4, kernelSize: 3 })),
  onImages("conv2d 'same', stride 2", 3, () => L.conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same' })),
  onImages("conv2d 'same', stride above the kernel", 3, () =>
    L.conv2d({ filters: 4, kernelSize: 2, strides: 3, padding: 'same' }),
  ),
  onImages("conv2d 'same', stride and dilation", 4, () =>
    L.conv2d({ filters: 6, kernelSize: [3, 2], strides: [2, 3], dilationRate: 2, padding: 'same', groups: 2 }),
  ),
  onFixed("conv2d 'same', stride 2, known size", [7, 10, 3], () => [
    L.conv2d({ filters: 4, kernelSize: [4, 3], strides: 2, padding: 'same', useBias: false }),
  ]),
  ...(['reflect', 'replicate', 'circular'] as const).map((paddingMode) =>
    onImages(
      `conv2d, padding ${paddingMode}`,
      2,
      () =>
      L.conv2d({ filters: 3, kernelSize: 3, strides: 2, padding: [[2, 1], [0, 3]], paddingMode }), // prettier-ignore
    ),
  ),
  onImages("conv2d, padding circular along one axis, 'same'", 2, () =>
    L.conv2d({ filters: 3, kernelSize: [1, 4], padding: 'same', paddingMode: 'circular' }),
  ),
  onImages("conv2d, padding reflect, 'same'", 2, () =>
    L.conv2d({ filters: 3, kernelSize: 3, strides: 2, padding: 'same', paddingMode: 'reflect' }),
  ),
  {
    name: 'conv2d, channels first, softmax',
    build: () =>
      chain([4, null, null], [
        L.conv2d({ filters: 6, kernelSize: 3, padding: 1, groups: 2, dataFormat: 'channelsFirst', activation: 'softmax' }),
        L.batchNormalization({ axis: 1 }),
      ]), // prettier-ignore
    runs: [[[1, 4, 8, 9]], [[2, 4, 5, 7]]],
  },
  ...ACTIVATIONS.map((activation) =>
    onImages(`conv2d, ${activation}`, 2, () => L.conv2d({ filters: 3, kernelSize: 2, activation: activation })),
  ),
  onImages('dilatedConv2d', 3, () => L.dilatedConv2d({ filters: 4, kernelSize: 3, dilationRate: [2, 3] })),
  onImages('groupedConv2d', 4, () => L.groupedConv2d({ filters: 8, kernelSize: 3, groups: 4 })),
  onImages('pointwiseConv2d', 4, () => L.pointwiseConv2d({ filters: 6, groups: 2, strides: [2, 3] })),
  onImages('depthwiseConv2d', 3, () =>
    L.depthwiseConv2d({ kernelSize: [3, 2], strides: 2, padding: 'same', depthMultiplier: 2, activation: 'relu6' }),
  ),
  onImages('depthwiseConv2d, replicate, dilation', 3, () =>
    L.depthwiseConv2d({ kernelSize: 3, dilationRate: 2, padding: 2, paddingMode: 'replicate', useBias: false }),
  ),
  onImages('depthwiseSeparableConv2d', 3, () =>
    L.depthwiseSeparableConv2d({
      ...{ filters: 5, kernelSize: 3, padding: 'same', depthMultiplier: 2, activation: 'elu' },
      ...{ midBatchNormalization: true, midActivation: 'relu6' },
    }),
  ),
  onImages(
    'spatiallySeparableConv2d',
    3,
    () =>
    L.spatiallySeparableConv2d({ filters: 4, kernelSize: [3, 5], strides: [2, 1], padding: 'same', rank: 2, midActivation: 'tanh' }), // prettier-ignore
  ),
  onImages(
    'spatiallySeparableConv2d, horizontal first',
    3,
    () =>
    L.spatiallySeparableConv2d({ filters: 4, kernelSize: 3, padding: [1, 2], order: 'horizontalFirst', activation: 'relu' }), // prettier-ignore
  ),
  ...(
    [
      ['same', { strides: 2, padding: 'same' }],
      ['same, output padding', { strides: 2, padding: 'same', outputPadding: 0 }],
      ['same, stride above the kernel', { kernelSize: 2, strides: 3, padding: 'same' }],
      ['valid', { strides: [2, 3], padding: 'valid' }],
      ['numbers', { strides: 3, padding: [1, 2], outputPadding: [2, 0], dilationRate: [1, 2] }],
      ['numbers, groups', { strides: 2, padding: 1, groups: 2, outputPadding: 1, activation: 'relu' }],
    ] as const
  ).map(([name, options]) =>
    onImages(`conv2dTranspose, ${name}`, 4, () => L.conv2dTranspose({ filters: 6, kernelSize: 3, ...options })),
  ),
];

const DEFORMABLE: readonly ExportCase[] = [
  onImages('deformableConv2d', 4, () => L.deformableConv2d({ filters: 6, kernelSize: 3, padding: 'same' }), true),
  onImages(
    'deformableConv2d, stride, groups, offset groups',
    4,
    () =>
      L.deformableConv2d({
        ...{ filters: 6, kernelSize: [3, 2], strides: 2, padding: 'same', groups: 2, offsetGroups: 2 },
        ...{ maskActivation: 'doubleSigmoid', offsetLimit: 0.7, activation: 'relu' },
      }),
    true,
  ),
  onImages(
    'deformableConv2d, version 1, dilation',
    4,
    () => L.deformableConv2d({ filters: 5, kernelSize: 3, padding: [2, 1], dilationRate: [2, 1], modulated: false }),
    true,
  ),
  onFixed(
    'deformableConv2d, depthwise, known size',
    [9, 7, 4],
    () => [
      L.deformableConv2d({ kernelSize: 3, padding: 'same', strides: 2, depthwise: true, depthMultiplier: 2, useBias: false }), // prettier-ignore
    ],
    true,
  ),
  {
    name: 'deformableConv2d, channels first',
    build: () =>
      chain([4, 8, 6], [L.deformableConv2d({ filters: 3, kernelSize: 3, padding: 1, dataFormat: 'channelsFirst' })]),
    runs: [[[2, 4, 8, 6]]],
    deforms: true,
  },
  {
    name: 'deformableConv2d with given offsets and mask',
    build: () => {
      const inputs = [
        tf.input({ shape: [null, null, 4], name: 'x' }),
        tf.input({ shape: [null, null, 36], name: 'offset' }),
        tf.input({ shape: [null, null, 18], name: 'mask' }),
      ];
      const layer = L.deformableConv2d({ filters: 4, kernelSize: 3, offsetGroups: 2, predictOffsets: false });
      return tf.model({ inputs, outputs: layer.apply(inputs) as tf.SymbolicTensor });
    },
    runs: [
      [[1, 8, 9, 4], [1, 6, 7, 36], [1, 6, 7, 18]], // prettier-ignore
      [[2, 5, 6, 4], [2, 3, 4, 36], [2, 3, 4, 18]], // prettier-ignore
    ],
    deforms: true,
  },
  onImages('deformableConv2dV3', 8, () => L.deformableConv2dV3({ groups: 2, centerFeatureScale: true }), true),
  onFixed(
    'deformableConv2dV3, stride, scale, no centre',
    [9, 8, 8],
    () => [
      L.deformableConv2dV3({ groups: 4, strides: 2, offsetScale: 1.3, removeCenter: true, kernelSize: [3, 5], activation: 'relu', depthwiseKernelSize: 5 }), // prettier-ignore
    ],
    true,
  ),
  onImages(
    'deformableConv2dV4',
    8,
    () => L.deformableConv2dV4({ groups: 2, kernelSize: 3, strides: 2, dilationRate: 2, offsetScale: 0.7 }),
    true,
  ),
  onImages(
    'deformableConv2dV4, depthwise guide, gate, no centre',
    8,
    () =>
      L.deformableConv2dV4({ groups: 1, depthwiseKernelSize: 3, removeCenter: true, centerFeatureScale: true, useBias: false }), // prettier-ignore
    true,
  ),
  onImages('deformableConv2dV4 without projections', 8, () => L.deformableConv2dV4({ usePointwise: false }), true),
];

const like = (layer: () => tf.layers.Layer): (() => tf.LayersModel) => {
  return () => {
    const inputs = [
      tf.input({ shape: [null, null, 2], name: 'x' }),
      tf.input({ shape: [null, null, 3], name: 'like' }),
    ];
    return tf.model({ inputs, outputs: layer().apply(inputs) as tf.SymbolicTensor });
  };
};

const IMAGES: readonly ExportCase[] = [
  ...([L.maxPooling2d, L.averagePooling2d, T.maxPooling2d, T.averagePooling2d] as const).flatMap((make, index) =>
    (['same', 'valid'] as const).map((padding) =>
      onImages(`${index < 2 ? 'own' : 'stock'} pooling ${index % 2}, ${padding}`, 3, () =>
        make({ poolSize: [3, 2], strides: 2, padding } as never),
      ),
    ),
  ),
  onImages(
    'averagePooling2d, uneven padding',
    3,
    () =>
    L.averagePooling2d({ poolSize: 3, strides: 3, padding: [[2, 1], [0, 2]] }), // prettier-ignore
  ),
  onFixed('maxPooling2d, more padding than the window reaches', [7, 7, 2], () => [
    L.maxPooling2d({ poolSize: 2, strides: 3, padding: [[1, 2], [0, 3]] }), // prettier-ignore
  ]),
  onImages('reflectPad2d', 2, () => L.reflectPad2d({ padding: [[2, 1], [0, 3]] })), // prettier-ignore
  onImages('replicatePad2d', 2, () => L.replicatePad2d({ padding: [1, 2] })),
  onImages('circularPad2d', 2, () => L.circularPad2d({ padding: 2 })),
  onImages('zeroPadding2d', 2, () => T.zeroPadding2d({ padding: [[1, 2], [0, 3]] })), // prettier-ignore
  onImages('cropping2D', 2, () => T.cropping2D({ cropping: [[1, 0], [2, 1]] })), // prettier-ignore
  onImages('channelShuffle', 6, () => L.channelShuffle({ groups: 3 })),
  onFixed('channelShuffle, known size', [3, 4, 6], () => [L.channelShuffle({ groups: 2 })]),
  onImages('channelSlice', 6, () => L.channelSlice({ start: 2, size: 3 })),
  ...(['nearest', 'bilinear'] as const).flatMap((interpolation) => [
    onImages(`upSampling2d, ${interpolation}`, 2, () => L.upSampling2d({ size: [2, 3], interpolation })),
    onImages(`stock upSampling2d, ${interpolation}`, 2, () => T.upSampling2d({ size: [2, 3], interpolation })),
    onImages(`resizing up, ${interpolation}`, 2, () => L.resizing({ height: 13, width: 17, interpolation })),
    onImages(`resizing down, ${interpolation}`, 2, () => L.resizing({ height: 5, width: 3, interpolation })),
  ]),
  { name: 'resizeBilinear', build: like(() => L.resizeBilinear()), runs: [[[1, 4, 5, 2], [1, 9, 7, 3]], [[2, 8, 8, 2], [2, 3, 5, 3]]] }, // prettier-ignore
  { name: 'cropLike', build: like(() => L.cropLike()), runs: [[[1, 4, 5, 2], [1, 3, 5, 3]], [[2, 8, 8, 2], [2, 7, 7, 3]]] }, // prettier-ignore
  onImages('squeezeExcite', 4, () => L.squeezeExcite({ hidden: 3 })),
  onImages('squeezeExcite, sigmoid', 4, () => L.squeezeExcite({ hidden: 3, gateActivation: 'sigmoid', activation: 'swish' })), // prettier-ignore
  onImages('atrousSpatialPyramidPooling', 4, () => L.atrousSpatialPyramidPooling({ filters: 3, rates: [1, 2] })),
  onImages('atrousSpatialPyramidPooling, separable', 4, () =>
    L.atrousSpatialPyramidPooling({ filters: 3, rates: [2, 3], separable: true, imagePooling: false }),
  ),
  onImages('receptiveFieldBlock', 16, () => L.receptiveFieldBlock({ filters: 6, strides: 2, visual: 2 })),
  onImages('receptiveFieldBlock, rfb-a', 8, () => L.receptiveFieldBlock({ filters: 6, variant: 'rfb-a', scale: 0.5 })),
];

const ELEMENTS: readonly ExportCase[] = [
  onImages('batchNormalization', 3, () => L.batchNormalization({ activation: 'relu6' })),
  onImages('batchNormalization without gamma and beta', 3, () => L.batchNormalization({ center: false, scale: false })),
  onImages('stock batchNormalization', 3, () => T.batchNormalization({ epsilon: 0.1 })),
  onFixed('batchNormalization of vectors', [5], () => [L.batchNormalization()]),
  onFixed('batchNormalization of sequences', [4, 5], () => [L.batchNormalization()]),
  onFixed('batchNormalization over rows', [4, 5, 3], () => [L.batchNormalization({ axis: 1 })]),
  onImages('layerNormalization', 3, () => T.layerNormalization()),
  onFixed('layerNormalization over two axes', [4, 5], () => [T.layerNormalization({ axis: [1, 2], scale: false })]),
  onImages('activations', 3, () => T.activation({ activation: 'softmax' })),
  onFixed('activation of vectors', [6], () => [T.activation({ activation: 'hardSigmoid' }), T.softmax()]),
  onImages('softmax', 3, () => T.softmax({ axis: -1 })),
  onImages('reLU', 3, () => T.reLU({ maxValue: 0.3 })),
  onImages('leakyReLU', 3, () => T.leakyReLU({ alpha: 0.2 })),
  onImages('elu', 3, () => T.elu()),
  onImages('thresholdedReLU', 3, () => T.thresholdedReLU({ theta: 0.2 })),
  onImages('prelu, shared over positions', 3, () => T.prelu({ sharedAxes: [1, 2] })),
  onFixed('prelu', [4, 5, 3], () => [T.prelu()]),
  onFixed('dense', [7], () => [T.dense({ units: 4, activation: 'tanh' }), T.dense({ units: 3, useBias: false })]),
  onImages('dense of images', 3, () => T.dense({ units: 4, activation: 'softmax' })),
  onImages('hardSwish, identity, dropout', 3, () => L.hardSwish()),
  onImages('normalization', 3, () => L.normalization({ mean: [0.1, 0.2, 0.3], variance: [1, 0.5, 0.25] })),
  onFixed('normalization, inverted, of rows', [4, 5, 3], () => [
    L.conv2d({ filters: 3, kernelSize: 1 }),
    L.normalization({ axis: 1, mean: [0.1, 0.2, 0.3, 0.4], variance: 2 }),
    L.normalization({ mean: 0.5, variance: [1, 2, 3], invert: true }),
  ]),
  onFixed('crops', [9, 8, 3], () => [
    L.randomCrop({ height: 8, width: 6 }),
    L.centerCrop({ height: 5, width: 6 }),
    L.centerCrop({ height: 4, width: 9 }),
  ]),
  onFixed('augmentation', [4, 5, 6], () => [
    L.randomFlip(),
    L.randomTranslation({ heightFactor: 0.5, widthFactor: 0.5 }),
    L.randomRotation({ factor: 0.5 }),
    L.randomZoom({ heightFactor: 0.5 }),
    L.randomContrast({ factor: 0.5 }),
    L.randomBrightness({ factor: 0.5 }),
  ]),
  onFixed('flatten, reshape, permute, repeatVector', [4, 5, 6], () => [
    T.permute({ dims: [3, 1, 2] }),
    T.reshape({ targetShape: [3, 8, 5] }),
    L.conv2d({ filters: 4, kernelSize: 2 }),
    T.permute({ dims: [3, 1, 2] }),
    L.conv2d({ filters: 4, kernelSize: 2, dataFormat: 'channelsFirst' }),
    T.permute({ dims: [2, 3, 1] }),
    L.identity(),
    L.dropout({ rate: 0.5 }),
    T.dropout({ rate: 0.5 }),
    T.gaussianNoise({ stddev: 1 }),
    T.flatten(),
    T.repeatVector({ n: 3 }),
    T.permute({ dims: [2, 1] }),
  ]),
  onFixed('flatten, channels first', [4, 5, 6], () => [T.flatten({ dataFormat: 'channelsFirst' })]),
  onFixed('global average pooling', [5, 4, 3], () => [T.globalAveragePooling2d({ dataFormat: 'channelsLast' })]),
  onFixed('global max pooling', [5, 4, 3], () => [T.globalMaxPooling2d({ dataFormat: 'channelsLast' })]),
  onFixed('global pooling of sequences', [5, 4], () => [T.globalAveragePooling1d()]),
  onFixed('global max pooling of sequences', [5, 4], () => [T.globalMaxPooling1d()]),
  ...([T.add, T.average, T.multiply, T.maximum, T.minimum] as const).map((make, index): ExportCase => ({
    name: `merging ${index}`,
    build: () => {
      const inputs = ['a', 'b', 'c'].map((name) => tf.input({ shape: [null, null, 3], name }));
      const shifted = inputs.map((input) => L.pointwiseConv2d({ filters: 3 }).apply(input) as tf.SymbolicTensor);
      const two = make().apply(shifted.slice(0, 2)) as tf.SymbolicTensor;
      const three = make().apply([two, shifted[2]!, inputs[0]!]) as tf.SymbolicTensor;
      return tf.model({ inputs, outputs: [three, two] });
    },
    runs: [[[1, 4, 5, 3], [1, 4, 5, 3], [1, 4, 5, 3]], [[2, 3, 3, 3], [2, 3, 3, 3], [2, 3, 3, 3]]], // prettier-ignore
  })),
  {
    name: 'concatenate, several outputs, one of them twice',
    build: () => {
      const image = tf.input({ shape: [null, null, 3], name: 'image' });
      const y = L.conv2d({ filters: 2, kernelSize: 3, padding: 'same', name: 'features' }).apply(image);
      const joined = T.concatenate({ name: 'joined' }).apply([image, y] as tf.SymbolicTensor[]);
      const rows = T.concatenate({ axis: 1, name: 'rows' }).apply([joined, joined] as tf.SymbolicTensor[]);
      const pooled = T.globalAveragePooling2d({ name: 'pooled' }).apply(rows);
      const same = L.identity({ name: 'same' }).apply(y);
      return tf.model({ inputs: image, outputs: [y, rows, pooled, same, joined] as tf.SymbolicTensor[] });
    },
    runs: sizes(3),
  },
  {
    name: 'nested models, a shared layer, a shared model',
    build: () => {
      const shared = L.conv2d({ filters: 3, kernelSize: 3, padding: 'same', name: 'shared' });
      const inner = tf.sequential({ name: 'inner', layers: [L.conv2d({ filters: 3, kernelSize: 1, inputShape: [null, null, 3], name: 'mix' }), L.batchNormalization()] }); // prettier-ignore
      const image = tf.input({ shape: [null, null, 3], name: 'image' });
      const first = inner.apply(shared.apply(image)) as tf.SymbolicTensor;
      const second = inner.apply(shared.apply(first)) as tf.SymbolicTensor;
      return tf.model({ inputs: image, outputs: second });
    },
    runs: sizes(3),
  },
];

/** Layers over images and elements; those over regions are in onnx_region_cases.ts. */
export const LAYER_CASES: readonly ExportCase[] = [...CONVOLUTIONS, ...DEFORMABLE, ...IMAGES, ...ELEMENTS];
