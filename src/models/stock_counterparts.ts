/** The layers of TensorFlow.js that compute the same as a layer of this package. */
import * as tf from '@tensorflow/tfjs';
import { show } from '../errors.js';
import { bareName, PACKAGE } from '../layers/base_layer.js';
import { restore } from './rebuild.js';

/** Layers to apply one after the other, or the reason why there are none. */
export type Counterparts = readonly tf.layers.Layer[] | string;

type Config = Readonly<Record<string, unknown>>;

/** Activations that layers of TensorFlow.js have. */
const ACTIVATIONS: readonly unknown[] = [
  ...['elu', 'gelu', 'hardSigmoid', 'linear', 'mish', 'relu', 'relu6', 'selu', 'sigmoid', 'softmax', 'softplus'],
  ...['softsign', 'swish', 'tanh'],
];

const RULES: Readonly<Record<string, (config: Config, name: string) => Counterparts>> = {
  AveragePooling2D: (config) => pooling('averagePooling2d', config),
  BatchNormalization: normalization,
  Conv2D: (config, name) => convolution('Conv2D', config, name),
  Conv2DTranspose: (config, name) => {
    if (config['outputPadding'] !== null) return 'it has an outputPadding';
    if (maximum(config['dilationRate']) > 1) return 'TensorFlow.js ignores its dilationRate';
    if (typeof config['padding'] !== 'string') return 'its padding is explicit';
    return convolution('Conv2DTranspose', config, name);
  },
  DepthwiseConv2D: (config, name) => {
    if (maximum(config['dilationRate']) > 1) return 'TensorFlow.js ignores its dilationRate';
    return convolution('DepthwiseConv2D', config, name);
  },
  DepthwiseSeparableConv2D: (config, name) => {
    const isPlain = config['midActivation'] === 'linear' && config['midBatchNormalization'] === false;
    return isPlain
      ? convolution('SeparableConv2D', config, name)
      : 'it has an activation or a normalization in its middle';
  },
  DilatedConv2D: (config, name) => convolution('Conv2D', config, name),
  Dropout: ({ rate, noiseShape, seed, ...common }) => [create('Dropout', { ...common, rate, noiseShape, seed })],
  GroupedConv2D: (config, name) => convolution('Conv2D', config, name),
  Identity: () => [],
  MaxPooling2D: (config) => pooling('maxPooling2d', config),
  PointwiseConv2D: (config, name) =>
    convolution('Conv2D', { ...config, kernelSize: [1, 1], padding: 'valid', dilationRate: [1, 1] }, name),
  UpSampling2D: (config) =>
    config['interpolation'] === 'nearest'
      ? [create('UpSampling2D', config)]
      : 'the bilinear one of TensorFlow.js has other values',
};

/** Finds the layers of TensorFlow.js that compute the same, without weights. */
export function stockCounterparts(layer: tf.layers.Layer): Counterparts {
  const className = layer.getClassName();
  if (!className.startsWith(`${PACKAGE}>`)) return [restore(layer)];
  const rule = RULES[bareName(className)];
  return rule === undefined ? 'TensorFlow.js has no such layer' : rule(layer.getConfig(), layer.name);
}

function create(className: string, config: Config): tf.layers.Layer {
  const [Class, fromConfig] = tf.serialization.SerializationMap.getMap().classNameMap[className]!;
  // The graph has the shape of the images already.
  const options = without(config, ['batchInputShape']) as tf.serialization.ConfigDict;
  return fromConfig(Class, options) as unknown as tf.layers.Layer;
}

function without(config: Config, names: readonly string[]): Config {
  return Object.fromEntries(Object.entries(config).filter(([name]) => !names.includes(name)));
}

function convolution(className: string, config: Config, name: string): Counterparts {
  const { precision = 'single', paddingMode = 'zeros', groups = 1, padding, strides, dilationRate } = config;
  const options = without(config, ['precision', 'packedImages', 'paddingMode', 'groups']);
  if (precision !== 'single') return 'its kernel is in half precision';
  if (paddingMode !== 'zeros') return `its padding is not of zeros (${show(paddingMode)})`;
  if (groups !== 1) return `it has groups (${show(groups)}), which TensorFlow.js ignores`;
  if (maximum(strides) > 1 && maximum(dilationRate) > 1) return 'TensorFlow.js refuses strides together with dilation';
  if (!ACTIVATIONS.includes(config['activation'])) return noActivation(config);
  if (typeof padding === 'string') {
    const [kernel, stride] = [config['kernelSize'], strides] as [number[], number[]];
    if (padding === 'same' && kernel.some((size, axis) => size < stride[axis]!)) {
      return "TensorFlow.js computes 'same' wrong on wasm for a kernel that is smaller than its stride";
    }
    return [create(className, options)];
  }
  const inner = create(className, { ...options, padding: 'valid' });
  if ((padding as number[][]).flat().every((size) => size === 0)) return [inner];
  return [create('ZeroPadding2D', { name: `${name}_padding`, padding, dataFormat: config['dataFormat'] }), inner];
}

function normalization({ activation, ...config }: Config, layer: string): Counterparts {
  const own = create('BatchNormalization', config);
  if (activation === 'linear') return [own];
  const name = `${layer}_activation`;
  if (activation === 'relu6') return [own, tf.layers.reLU({ maxValue: 6, name })];
  if (activation === 'relu') return [own, tf.layers.reLU({ name })];
  return noActivation({ activation });
}

function noActivation({ activation }: Config): string {
  return `TensorFlow.js has no activation ${show(activation)}`;
}

function pooling(name: 'averagePooling2d' | 'maxPooling2d', config: Config): Counterparts {
  if (typeof config['padding'] !== 'string') return 'its padding is explicit';
  return [tf.layers[name](config)];
}

function maximum(numbers: unknown): number {
  return Math.max(...[numbers ?? 1].flat().map(Number));
}
