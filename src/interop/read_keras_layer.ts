/** Creates the layers of TensorFlow.js, or of this package, that compute what a layer of Keras computes. */
import * as tf from '@tensorflow/tfjs';
import { isPlainObject, show } from '../errors.js';
import { PACKAGE } from '../layers/base_layer.js';
import { GivenValues } from './file_values.js';
import { AUGMENTATIONS, LAYER_OPTIONS, type LayerOptions } from './keras_layer_options.js';
import type { KerasLayer } from './keras_model.js';
import { Inexpressible, readActivation, readObject, readOwnOptions, toCamel, type Config } from './keras_objects.js';

/** Options of every layer, which mean the same or describe how it was created. */
const COMMON = ['name', 'trainable', 'dtype', 'batch_input_shape', 'batch_shape', 'input_shape', 'build_config'];

/** Precisions that Keras stores as float32. */
const FLOAT32 = ['float32', 'mixed_float16', 'mixed_bfloat16'];

/** Reads an option; the name is in Keras's spelling. */
type ReadOption = (name: string, value: unknown) => unknown;

/** A layer to create: class and options. */
interface Plan {
  readonly className: string;
  readonly options: Config;
  /** Values of weights that the file has among the options, by the names of their initializers. */
  readonly values?: Readonly<Record<string, readonly number[]>>;
}

/** Layers that compute together what one layer of Keras does. */
export interface ReadLayers {
  readonly layers: readonly tf.layers.Layer[];
  /** Layers whose weights the file does not have as such. */
  readonly complete: readonly tf.layers.Layer[];
}

/** Layers that one layer of Keras becomes where no single one computes the same. */
type ReadClass = (options: Config, className: string, isKeras2: boolean) => readonly Plan[];

/** Classes whose options decide which layer computes the same. */
const SPECIAL: Readonly<Record<string, ReadClass>> = {
  Activation: readActivationLayer,
  GlobalAveragePooling2D: readGlobalPooling,
  GlobalMaxPooling2D: readGlobalPooling,
  LeakyReLU: ({ negative_slope: slope, alpha, ...rest }) => {
    onlyCommon(rest);
    return [{ className: 'LeakyReLU', options: { alpha: slope ?? alpha ?? 0.3 } }];
  },
  Normalization: readNormalization,
  ReLU: readReLU,
  Rescaling: readRescaling,
  SpatialDropout2D: ({ rate, data_format: format, seed, ...rest }) => {
    onlyCommon(without(rest, ['noise_shape']));
    const noiseShape = format === 'channels_first' ? [null, null, 1, 1] : [null, 1, 1, null];
    return [{ className: `${PACKAGE}>Dropout`, options: { rate, seed: seed ?? null, noiseShape } }];
  },
  ThresholdedReLU: ({ theta, ...rest }) => {
    onlyCommon(rest);
    return [{ className: 'ThresholdedReLU', options: { theta } }];
  },
};

/**
 * Creates the layers that compute what a layer of Keras computes, one after the other. The last one has its name.
 *
 * @param isKeras2 whether the file is of Keras 2
 * @param guard replaces initializers, so that no weight is created that is not in the file
 * @throws Inexpressible if there are none
 */
export function readKerasLayer(
  layer: KerasLayer,
  { isKeras2, guard }: { readonly isKeras2: boolean; readonly guard: (config: Config) => Config },
): ReadLayers {
  const { name, className, config } = layer;
  checkType(config['dtype']);
  const plans = planFor(layer, isKeras2);
  const layers = plans.map(({ className: target, options, values }, index) => {
    const isLast = index === plans.length - 1;
    const trainable = config['trainable'] !== false && className !== 'Normalization' && values === undefined;
    const given = { ...options, name: isLast ? name : `${name}_${index + 1}`, trainable };
    if (values !== undefined) return create(target, { ...given, ...givenValues(values) }, className);
    // The configuration has the initializers that the file leaves out, too.
    const initializers = guard(create(target, given, className).getConfig());
    return create(target, { ...given, ...initializers }, className);
  });
  return { layers, complete: layers.filter((_, index) => plans[index]!.values !== undefined) };
}

function givenValues(values: Readonly<Record<string, readonly number[]>>): Config {
  return Object.fromEntries(Object.entries(values).map(([name, given]) => [name, new GivenValues(given)]));
}

function planFor(layer: KerasLayer, isKeras2: boolean): readonly Plan[] {
  const { className, registeredName = className, config } = layer;
  if (registeredName.startsWith(`${PACKAGE}>`)) {
    return [{ className: registeredName, options: readOwnOptions(without(config, COMMON)) }];
  }
  if (Object.hasOwn(SPECIAL, className)) return SPECIAL[className]!(config, className, isKeras2);
  if (AUGMENTATIONS.includes(className)) return [{ className: `${PACKAGE}>Identity`, options: {} }];
  if (!Object.hasOwn(LAYER_OPTIONS, className)) throw new Inexpressible(`it has no layer of this class`);
  const known = LAYER_OPTIONS[className]!;
  return [{ className: known.layer ?? className, options: readOptions(known, config, isKeras2) }];
}

/** Converts the options of a layer; throws if one of them changes what it computes. */
function readOptions({ options, fixed = {}, ignored = [] }: LayerOptions, config: Config, isKeras2: boolean): Config {
  const read: ReadOption = (name, value) => {
    if (name === 'activation') return readActivation(value, isKeras2);
    if (/_(initializer|regularizer|constraint)$/.test(name)) return readObject(name, value);
    if (name === 'data_format' || name === 'mode') return toCamel(String(value));
    if (name === 'axis') return readAxis(value);
    return value;
  };
  const entries: [string, unknown][] = [];
  for (const [name, value] of Object.entries(config)) {
    if (options.includes(name)) entries.push([toCamel(name), read(name, value)]);
    else if (!COMMON.includes(name) && !ignored.includes(name)) checkFixed(name, value, fixed);
  }
  return Object.fromEntries(entries);
}

/** Throws if an option has a value that is not computed here. */
function checkFixed(name: string, value: unknown, fixed: Config): void {
  const computed = Object.hasOwn(fixed, name) ? fixed[name] : null;
  if (value === undefined || JSON.stringify(value) === JSON.stringify(computed)) return;
  throw new Inexpressible(`it has no option ${name} = ${show(value)}`);
}

function onlyCommon(config: Config): void {
  for (const [name, value] of Object.entries(without(config, COMMON))) checkFixed(name, value, {});
}

function without(config: Config, names: readonly string[]): Config {
  return Object.fromEntries(Object.entries(config).filter(([name]) => !names.includes(name)));
}

/** An axis; Keras 2 writes a list of one. */
function readAxis(value: unknown): unknown {
  const axes = (value as { readonly config?: { readonly value?: unknown } } | null)?.config?.value ?? value;
  return Array.isArray(axes) && axes.length === 1 ? (axes[0] as unknown) : axes;
}

function readActivationLayer({ activation, ...rest }: Config, _: string, isKeras2: boolean): readonly Plan[] {
  onlyCommon(rest);
  if (activation === 'hard_sigmoid' && !isKeras2) {
    // That of TensorFlow.js is Keras 2's, 0.2 x + 0.5.
    return [
      { className: 'Rescaling', options: { scale: 1, offset: 3 } },
      { className: 'ReLU', options: { maxValue: 6 } },
      { className: 'Rescaling', options: { scale: 1 / 6, offset: 0 } },
    ];
  }
  const name = readActivation(activation, isKeras2);
  if (name === 'hardSwish') return [{ className: `${PACKAGE}>HardSwish`, options: {} }];
  return [{ className: 'Activation', options: { activation: name } }];
}

function readReLU({ max_value: maxValue, negative_slope: slope, threshold, ...rest }: Config): readonly Plan[] {
  onlyCommon(rest);
  const [isBounded, isLeaky, isShifted] = [isSet(maxValue), isSet(slope), isSet(threshold)];
  if (!isLeaky && !isShifted) {
    return [{ className: 'ReLU', options: isBounded ? { maxValue: Number(maxValue) } : {} }];
  }
  if (!isBounded && !isShifted) return [{ className: 'LeakyReLU', options: { alpha: slope } }];
  if (!isBounded && !isLeaky) return [{ className: 'ThresholdedReLU', options: { theta: threshold } }];
  throw new Inexpressible('its ReLU has only one of max_value, negative_slope and threshold');
}

/** True if a number differs from the default, nothing or 0; Keras 2 writes some of them as arrays. */
function isSet(value: unknown): boolean {
  return value !== null && value !== undefined && Number(value) !== 0;
}

function readGlobalPooling({ keepdims, ...rest }: Config, className: string): readonly Plan[] {
  const options = readOptions(LAYER_OPTIONS[className]!, rest, false);
  const pool = { className, options };
  if (keepdims !== true) return [pool];
  const targetShape = options['dataFormat'] === 'channelsFirst' ? [-1, 1, 1] : [1, 1, -1];
  return [pool, { className: 'Reshape', options: { targetShape } }];
}

/** A normalization by given statistics or, if the file has learned ones as weights, a frozen batch normalization. */
function readNormalization({ axis, mean, variance, invert, ...rest }: Config): readonly Plan[] {
  onlyCommon(rest);
  const only = readAxis(axis);
  if (typeof only !== 'number') throw new Inexpressible('it normalizes one axis');
  if (mean !== null && mean !== undefined) {
    const options = { axis: only, mean: statistic('mean', mean), variance: statistic('variance', variance) };
    return [{ className: `${PACKAGE}>Normalization`, options: { ...options, invert: invert === true } }];
  }
  if (invert === true) throw new Inexpressible('it normalizes by statistics that were learned, and not the inverse');
  // Keras divides by at least 1e-7.
  const options = { axis: only, center: false, scale: false, epsilon: 1e-14 };
  return [{ className: `${PACKAGE}>BatchNormalization`, options }];
}

/** One number, or one for each place along an axis. */
function statistic(name: string, value: unknown): number | readonly number[] {
  const values = numbers(name, value);
  return values.length === 1 ? values[0]! : values;
}

function readRescaling(config: Config, className: string): readonly Plan[] {
  const { scale, offset = 0, ...rest } = config;
  if (!Array.isArray(scale) && !Array.isArray(offset)) {
    return [{ className, options: readOptions(LAYER_OPTIONS[className]!, config, false) }];
  }
  onlyCommon(without(rest, ['data_format']));
  if (rest['data_format'] === 'channels_first') throw new Inexpressible('it rescales the last axis');
  const values = { gammaInitializer: numbers('scale', scale), betaInitializer: numbers('offset', offset) };
  return [{ className: `${PACKAGE}>BatchNormalization`, options: { epsilon: 0 }, values }];
}

function numbers(name: string, value: unknown): readonly number[] {
  const found: readonly unknown[] = flat(value);
  if (found.every((each): each is number => typeof each === 'number')) return found;
  throw new Inexpressible(`its ${name} must be numbers, not ${show(value)}`);
}

function flat(value: unknown, depth = 0): readonly unknown[] {
  if (!Array.isArray(value) || depth > MOST_DIMENSIONS) return [value];
  return value.flatMap((each: unknown) => flat(each, depth + 1));
}

const MOST_DIMENSIONS = 6;

/** Throws for a type whose weights or values are not float32. */
function checkType(type: unknown): void {
  const policy = isPlainObject(type) ? (type['config'] as Config | undefined)?.['name'] : type;
  if (policy === undefined || policy === null || FLOAT32.includes(policy as string)) return;
  throw new Inexpressible(`its numbers are float32, not ${show(policy)}`);
}

function create(className: string, options: Config, kerasClass: string): tf.layers.Layer {
  const { classNameMap } = tf.serialization.SerializationMap.getMap();
  const found = Object.hasOwn(classNameMap, className) ? classNameMap[className] : undefined;
  if (found === undefined) throw new Inexpressible('it has no layer of this class');
  const [Class, make] = found;
  const fromConfig = make as (cls: typeof Class, config: Config) => tf.layers.Layer;
  try {
    return fromConfig(Class, options);
  } catch (error) {
    throw new Inexpressible(`${kerasClass} has other options there: ${(error as Error).message}`);
  }
}
