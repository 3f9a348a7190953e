/**
 * Every layer of tf.layers that computes with numbers, with its options, on small inputs whose sizes are all unequal.
 * Nothing here imports the package: the cases are run on TensorFlow.js alone, and again beside it.
 */
import * as tf from '@tensorflow/tfjs';

/** One layer with one set of options. */
export interface LayerCase {
  readonly title: string;
  readonly make: () => tf.layers.Layer;
  /** Batch included; one for each input. */
  readonly inputs: readonly (readonly number[])[];
  /** True if the layer is called in training. @default false */
  readonly training?: boolean;
  /** True if the input holds indices below this number instead of reals: then only weights have gradients. */
  readonly indices?: number;
}

const { layers } = tf;
type Args = Record<string, unknown>;
type Maker = (args: never) => tf.layers.Layer;

/** Cases of one factory, one for each set of options. */
function cases(
  name: keyof typeof layers,
  inputs: LayerCase['inputs'],
  options: readonly (Args & { readonly training?: boolean })[] = [{}],
): LayerCase[] {
  return options.map(({ training = false, ...args }) => {
    const shown = JSON.stringify(args).replaceAll('"', '');
    return {
      title: `${name}(${shown}) of ${inputs.map((shape) => shape.join('×')).join(', ')}${training ? ', training' : ''}`,
      make: () => (layers[name] as unknown as Maker)(args as never),
      inputs,
      training,
    };
  });
}

/** Both paddings. */
const padded = (args: Args): Args[] => ['same', 'valid'].map((padding) => ({ ...args, padding }));

const IMAGES = [[2, 5, 6, 3]];
const VOLUMES = [[2, 4, 5, 3, 2]];
const SERIES = [[2, 5, 3]];
const VECTORS = [[3, 4]];

const ACTIVATIONS = [
  ...['elu', 'hardSigmoid', 'linear', 'relu', 'relu6', 'selu', 'sigmoid', 'softmax', 'softplus', 'softsign', 'tanh'],
  ...['swish', 'mish', 'gelu', 'gelu_new'],
];
const inTraining = { training: true };
const units = { units: 3 };

/** A layer inside another one. */
function wrapped(title: string, inputs: LayerCase['inputs'], make: () => tf.layers.Layer): LayerCase {
  return { title, inputs, make };
}

export const LAYER_CASES: readonly LayerCase[] = [
  ...cases('elu', VECTORS, [{}, { alpha: 0.5 }]),
  ...cases('leakyReLU', VECTORS, [{ alpha: 0.2 }]),
  ...cases('prelu', IMAGES, [{ alphaInitializer: 'ones' }, { sharedAxes: [1, 2] }]),
  ...cases('reLU', VECTORS, [{}, { maxValue: 0.5 }]),
  ...cases('softmax', IMAGES, [{}, { axis: 1 }]),
  ...cases('thresholdedReLU', VECTORS, [{ theta: 0.3 }]),
  ...cases(
    'activation',
    VECTORS,
    ACTIVATIONS.map((activation) => ({ activation })),
  ),
  ...cases('dense', VECTORS, [{ units: 3 }, { units: 3, useBias: false, activation: 'sigmoid' }]),
  ...cases('dense', IMAGES, [{ units: 4, activation: 'tanh' }]),
  ...cases('flatten', IMAGES),
  ...cases('flatten', IMAGES, [{ dataFormat: 'channelsFirst' }]),
  ...cases('permute', IMAGES, [{ dims: [3, 1, 2] }]),
  ...cases('repeatVector', VECTORS, [{ n: 3 }]),
  ...cases('reshape', IMAGES, [{ targetShape: [9, 10] }]),
  ...cases('masking', SERIES, [{ maskValue: 0 }]),
  ...['dropout', 'spatialDropout1d', 'gaussianDropout', 'alphaDropout'].flatMap((name) =>
    cases(name as 'dropout', SERIES, [{ rate: 0.5 }]),
  ),
  ...cases('gaussianNoise', SERIES, [{ stddev: 0.5 }]),
  { title: 'embedding', make: () => layers.embedding({ inputDim: 7, outputDim: 3 }), inputs: [[2, 5]], indices: 7 },
  ...(['add', 'average', 'maximum', 'minimum', 'multiply'] as const).flatMap((name) => [
    ...cases(name, [...IMAGES, ...IMAGES, ...IMAGES]),
    ...cases(name, [...IMAGES, [2, 1, 6, 3]]),
  ]),
  ...cases('concatenate', [...IMAGES, [2, 5, 6, 2]]),
  ...cases('concatenate', [...IMAGES, [2, 4, 6, 3]], [{ axis: 1 }]),
  ...cases('dot', [...VECTORS, ...VECTORS], [{ axes: -1 }, { axes: -1, normalize: true }]),
  ...cases('dot', [...SERIES, [2, 4, 3]], [{ axes: 2 }]),
  ...[VECTORS, SERIES, IMAGES].flatMap((inputs) => [
    ...cases('batchNormalization', inputs, [{}, inTraining, { scale: false }, { center: false }]),
    ...cases('batchNormalization', inputs, [
      { scale: false, ...inTraining },
      { center: false, ...inTraining },
    ]),
  ]),
  ...cases('batchNormalization', IMAGES, [{ axis: 1 }, { axis: 2 }, { axis: 1, ...inTraining }]),
  ...cases('batchNormalization', IMAGES, [{ axis: 2, ...inTraining }]),
  ...cases('batchNormalization', SERIES, [{ axis: 1 }, { axis: 1, ...inTraining }]),
  ...cases('layerNormalization', IMAGES, [{}, { axis: [1, 2] }, { axis: 1 }, { scale: false }, { center: false }]),
  ...cases('zeroPadding2d', IMAGES, [
    { padding: 1 },
    {
      padding: [
        [0, 1],
        [2, 0],
      ],
    },
  ]),
  ...cases('cropping2D', IMAGES, [
    {
      cropping: [
        [1, 0],
        [1, 2],
      ],
    },
  ]),
  ...cases('upSampling2d', IMAGES, [{ size: [2, 3] }, { size: [2, 3], interpolation: 'bilinear' }]),
  ...cases('upSampling2d', [[2, 3, 5, 4]], [{ size: [2, 2], dataFormat: 'channelsFirst' }]),
  ...cases('upSampling2d', [[2, 4, 4, 3]], [{ size: [2, 2], interpolation: 'bilinear' }]),
  ...cases('resizing', IMAGES, [
    { height: 7, width: 4 },
    { height: 7, width: 4, interpolation: 'nearest' },
    { height: 7, width: 4, cropToAspectRatio: true },
  ]),
  ...cases('rescaling', IMAGES, [{ scale: 0.5, offset: 1 }]),
  ...cases('centerCrop', IMAGES, [{ height: 3, width: 2 }]),
  ...cases('conv1d', SERIES, [
    ...padded({ filters: 4, kernelSize: 3 }),
    { filters: 4, kernelSize: 2, strides: 2, padding: 'causal' },
    { filters: 4, kernelSize: 2, dilationRate: 2 },
  ]),
  ...cases('conv2d', IMAGES, [
    ...padded({ filters: 4, kernelSize: [3, 2], strides: [2, 1] }),
    { filters: 4, kernelSize: 1, activation: 'sigmoid' },
    { filters: 4, kernelSize: 3, dilationRate: 2 },
    { filters: 4, kernelSize: [3, 2], dilationRate: [1, 2], padding: 'same', activation: 'sigmoid' },
  ]),
  ...cases(
    'conv2d',
    [[2, 3, 5, 6]],
    [
      { filters: 4, kernelSize: 2, dataFormat: 'channelsFirst' },
      { filters: 4, kernelSize: 2, dilationRate: 2, dataFormat: 'channelsFirst' },
    ],
  ),
  ...cases('conv2dTranspose', IMAGES, padded({ filters: 4, kernelSize: 3, strides: 2 })),
  ...cases('conv3d', VOLUMES, [...padded({ filters: 3, kernelSize: 2 }), { filters: 3, kernelSize: 2, strides: 2 }]),
  ...cases('conv3dTranspose', VOLUMES, padded({ filters: 3, kernelSize: 2, strides: 2 })),
  ...cases('depthwiseConv2d', IMAGES, padded({ kernelSize: 3, depthMultiplier: 2 })),
  ...cases('separableConv2d', IMAGES, [
    ...padded({ filters: 4, kernelSize: 3 }),
    { filters: 4, kernelSize: 2, dilationRate: 2 },
  ]),
  ...(['maxPooling', 'averagePooling'] as const).flatMap((name) => [
    ...cases(`${name}1d`, SERIES, padded({ poolSize: 3, strides: 2 })),
    ...cases(`${name}2d`, IMAGES, padded({ poolSize: [3, 2], strides: [2, 2] })),
    ...cases(`${name}3d`, VOLUMES, padded({ poolSize: 2, strides: 2 })),
  ]),
  ...(['globalAveragePooling', 'globalMaxPooling'] as const).flatMap((name) => [
    ...cases(`${name}1d`, SERIES),
    ...cases(`${name}2d`, IMAGES),
  ]),
  ...(['simpleRNN', 'gru', 'lstm'] as const).flatMap((name) =>
    cases(name, SERIES, [
      units,
      { ...units, returnSequences: true, goBackwards: true },
      { ...units, useBias: false },
      { ...units, activation: 'elu', ...(name === 'simpleRNN' ? {} : { recurrentActivation: 'sigmoid' }) },
    ]),
  ),
  ...cases('convLstm2d', VOLUMES, [{ filters: 2, kernelSize: 2, padding: 'same' }]),
  wrapped('rnn of stacked cells', SERIES, () =>
    layers.rnn({ cell: [layers.gruCell({ units: 2 }), layers.lstmCell({ units: 3 })] }),
  ),
  ...(['concat', 'sum', 'mul', 'ave'] as const).map((mergeMode) =>
    wrapped(`bidirectional(${mergeMode}) of lstm`, SERIES, () =>
      layers.bidirectional({ layer: layers.lstm({ units: 2, returnSequences: true }), mergeMode }),
    ),
  ),
  wrapped('timeDistributed of dense', SERIES, () => layers.timeDistributed({ layer: layers.dense({ units: 2 }) })),
  wrapped('timeDistributed of conv2d', [[2, 3, 5, 4, 2]], () =>
    layers.timeDistributed({ layer: layers.conv2d({ filters: 3, kernelSize: 2 }) }),
  ),
];
