/**
 * Describes layers as Keras does: those of TensorFlow.js and of this package as the Keras layer that computes the same, if
 * there is one, and otherwise as a class of the Python package `tfjs_convolutions`.
 */
import type * as tf from '@tensorflow/tfjs';
import { bareName, PACKAGE } from '../layers/base_layer.js';
import { LAYER_OPTIONS } from './keras_layer_options.js';
import { Inexpressible, toSnake, writeActivation, writeConfig, writeValue, type Config } from './keras_objects.js';

/** A layer as Keras 3 describes it, without its calls. */
export interface WrittenLayer {
  readonly module: string;
  readonly class_name: string;
  readonly config: Config;
  readonly registered_name: string | null;
}

/** Class and options of the Keras layer that computes the same. */
interface Plan {
  readonly className: string;
  readonly config: Config;
}

/** Finds the Keras layer that computes the same as one with these options; undefined if there is none. */
type FindPlan = (config: Config) => Plan | undefined;

/** Options that every layer has, or that describe how it was created or how its values are stored. */
const COMMON = ['name', 'trainable', 'dtype', 'batchInputShape', 'precision', 'packedImages'];

/** Layers of this package, and the layers of Keras that compute the same. */
const OWN: Readonly<Record<string, FindPlan>> = {
  AveragePooling2D: (config) => (isSymmetric(config) ? plan('AveragePooling2D', config) : undefined),
  BatchNormalization: (config) => (config['activation'] === 'linear' ? plan('BatchNormalization', config) : undefined),
  CenterCrop: (config) => plan('CenterCrop', config),
  Conv2D: (config) => convolution('Conv2D', config),
  Conv2DTranspose: (config) => (config['groups'] === 1 ? convolution('Conv2DTranspose', config) : undefined),
  DepthwiseConv2D: (config) => (isEven(config['strides']) ? convolution('DepthwiseConv2D', config) : undefined),
  DepthwiseSeparableConv2D: (config) => {
    const isPlain = config['midActivation'] === 'linear' && config['midBatchNormalization'] === false;
    return isPlain && isEven(config['strides']) ? convolution('SeparableConv2D', config) : undefined;
  },
  DilatedConv2D: (config) => convolution('Conv2D', config),
  Dropout: (config) => plan('Dropout', config),
  GroupedConv2D: (config) => convolution('Conv2D', config),
  HardSwish: () => ({ className: 'Activation', config: { activation: 'hardSwish' } }),
  Identity: (config) => plan('Identity', config),
  MaxPooling2D: (config) => (isWord(config['padding']) ? plan('MaxPooling2D', config) : undefined),
  Normalization: (config) => plan('Normalization', config),
  PointwiseConv2D: (config) =>
    convolution('Conv2D', { ...config, kernelSize: [1, 1], padding: 'valid', dilationRate: [1, 1] }),
  RandomBrightness: (config) => plan('RandomBrightness', config),
  // Keras takes one number as the upper limit alone.
  RandomContrast: ({ factor, ...config }) =>
    plan('RandomContrast', { ...config, factor: Array.isArray(factor) ? factor : [factor, factor] }),
  RandomFlip: (config) => plan('RandomFlip', config),
  RandomRotation: (config) => plan('RandomRotation', config),
  RandomTranslation: (config) => plan('RandomTranslation', config),
  RandomZoom: (config) => plan('RandomZoom', config),
  Resizing: (config) => plan('Resizing', config),
  UpSampling2D: (config) => plan('UpSampling2D', config),
};

const notDilated = (config: Config): void => {
  if (maximum(config['dilationRate']) > 1) throw new Inexpressible('TensorFlow.js ignores its dilationRate');
};

/** Layers of TensorFlow.js that Keras has under another name, with other options, or with other values. */
const STOCK: Readonly<Record<string, (config: Config) => Config | Plan>> = {
  CenterCrop: () => {
    throw new Inexpressible(
      'that of TensorFlow.js has other values; centerCrop of this package computes what Keras does',
    );
  },
  Conv2DTranspose: (config) => {
    notDilated(config);
    return config;
  },
  DepthwiseConv2D: (config) => {
    notDilated(config);
    return config;
  },
  LeakyReLU: ({ alpha }) => ({ className: 'LeakyReLU', config: { negativeSlope: alpha } }),
  ReLU: ({ maxValue }) => ({ className: 'ReLU', config: { maxValue: maxValue ?? null } }),
  Reshape: ({ targetShape }) => ({ targetShape: (targetShape as tf.Shape).map((size) => size ?? -1) }),
  Resizing: () => {
    throw new Inexpressible(
      'that of TensorFlow.js aligns the corners; resizing of this package computes what Keras does',
    );
  },
  ThresholdedReLU: ({ theta }) => ({ className: 'ReLU', config: { threshold: theta } }),
  UpSampling2D: (config) => {
    if (config['interpolation'] !== 'bilinear') return config;
    const rule =
      'the bilinear one of TensorFlow.js has other values; upSampling2d of this package computes what Keras does';
    throw new Inexpressible(rule);
  },
};

/** Modules of Keras's classes; the others are in `keras.layers`. */
const OWN_MODULE = 'tfjs_convolutions.layers';

/** Most options of a layer that Keras has under another name; see {@link STOCK}. */
const RENAMED: readonly string[] = ['LeakyReLU', 'ReLU'];

/**
 * Describes a layer.
 *
 * @param changes options that differ from those of the layer
 * @throws Inexpressible if Keras cannot compute the same
 */
export function writeKerasLayer(layer: tf.layers.Layer, changes: Config = {}): WrittenLayer {
  const className = layer.getClassName();
  const options = layer.getConfig();
  if (options['precision'] === 'half') throw new Inexpressible('its kernel is packed in half precision');
  const config = withoutCommon({ ...options, ...changes });
  if (className.startsWith(`${PACKAGE}>`)) {
    const found = OWN[bareName(className)]?.(config);
    if (found !== undefined) return ofKeras(layer, found);
    const own = { name: layer.name, trainable: layer.trainable, ...writeConfig(config) };
    return { module: OWN_MODULE, class_name: bareName(className), config: own, registered_name: className };
  }
  return writeStock(layer, className, config);
}

function writeStock(layer: tf.layers.Layer, className: string, given: Config): WrittenLayer {
  const config = STOCK[className]?.(given) ?? given;
  if ('className' in config) return ofKeras(layer, config as unknown as Plan);
  if (!Object.hasOwn(LAYER_OPTIONS, className)) throw new Inexpressible('Keras has no layer of this class');
  const known = LAYER_OPTIONS[className]!.options;
  for (const [name, value] of Object.entries(config)) {
    // The random numbers of the two libraries differ whatever the seed.
    if (known.includes(toSnake(name)) || value === null || value === undefined || name === 'seed') continue;
    throw new Inexpressible(`Keras has no option ${toSnake(name)}`);
  }
  return ofKeras(layer, { className, config });
}

/** Describes a layer as one of Keras's. */
export function ofKeras(layer: tf.layers.Layer, { className, config }: Plan): WrittenLayer {
  const written = Object.entries(config).flatMap(([name, value]): [string, unknown][] => {
    const option = toSnake(name);
    if (!RENAMED.includes(className) && !LAYER_OPTIONS[className]!.options.includes(option)) return [];
    if (value === undefined) return [];
    return [[option, option === 'activation' ? writeActivation(value as string) : writeValue(value)]];
  });
  return {
    module: 'keras.layers',
    class_name: className,
    config: { name: layer.name, trainable: layer.trainable, ...Object.fromEntries(written) },
    registered_name: null,
  };
}

function plan(className: string, config: Config): Plan {
  return { className, config };
}

/** A convolution as Keras's, unless it has padding or other options that Keras's has not. */
function convolution(className: string, config: Config): Plan | undefined {
  const { padding, paddingMode = 'zeros', strides, dilationRate, activation, dataFormat } = config;
  if (!isWord(padding) || paddingMode !== 'zeros') return undefined;
  if (maximum(strides) > 1 && maximum(dilationRate) > 1) return undefined;
  if (activation === 'hardSigmoid' || activation === 'gelu_new') return undefined;
  // Keras applies it to the last axis, whatever that is.
  if (dataFormat === 'channelsFirst' && /softmax/i.test(String(activation))) return undefined;
  return { className, config };
}

function isWord(padding: unknown): boolean {
  return typeof padding === 'string';
}

/** True if both sides are padded alike, whatever the image: otherwise Keras on torch counts the padding. */
function isSymmetric({ padding, poolSize, strides }: Config): boolean {
  return padding === 'valid' || (padding === 'same' && maximum(strides) === 1 && (poolSize as number[]).every(isOdd));
}

function isOdd(size: number): boolean {
  return size % 2 === 1;
}

/** True if both numbers of a pair are equal, as some engines below Keras require. */
function isEven(pair: unknown): boolean {
  const [first, second] = pair as readonly number[];
  return first === second;
}

function maximum(numbers: unknown): number {
  return Math.max(...[numbers ?? 1].flat().map(Number));
}

function withoutCommon(config: Config): Config {
  return Object.fromEntries(Object.entries(config).filter(([name]) => !COMMON.includes(name)));
}
