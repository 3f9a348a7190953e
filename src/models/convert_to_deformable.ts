/** Converts a trained network into a deformable one that initially computes the same, for fine-tuning. */
import * as tf from '@tensorflow/tfjs';
import { checkBoolean, checkInteger, checkNumber, rangeError, typeError } from '../errors.js';
import { BatchNormalization } from '../layers/batch_normalization.js';
import { DeformableConv2D, type DeformableConv2DArgs } from '../layers/deformable_conv2d.js';
import { isBeyondHost, isStockBatchNormalization } from '../layers/stock_batch_normalization.js';
import { copyModel, restore } from './rebuild.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import { checkModel } from '../support/check_model.js';

/** Options of {@link convertToDeformable}. */
export interface ConvertToDeformableOptions {
  /**
   * Names of the convolutions to convert; those in nested models are prefixed with the model's name: `features/conv`.
   * @default all convertible ones with a kernel of more than one tap
   */
  readonly layers?: readonly string[];
  /** True if the new layers also predict a weight for every sample (version 2). @default true */
  readonly modulated?: boolean;
  /** Number of input channel groups with their own offsets. @default 1 */
  readonly offsetGroups?: number;
  /** Factor on the gradient of the offset convolutions' weights. @default 1 */
  readonly offsetLearningRateMultiplier?: number;
}

const ACTION = 'convert the model';
const OPTIONS = {
  layers: true,
  modulated: true,
  offsetGroups: true,
  offsetLearningRateMultiplier: true,
} as const satisfies OptionNames<ConvertToDeformableOptions>;

/** Convolutions that a deformable layer can replace, with the prefix of their kernel options. */
const KERNELS: Readonly<Record<string, 'kernel' | 'depthwise'>> = {
  Conv2D: 'kernel',
  DepthwiseConv2D: 'depthwise',
  'Convolutions>Conv2D': 'kernel',
  'Convolutions>DilatedConv2D': 'kernel',
  'Convolutions>GroupedConv2D': 'kernel',
  'Convolutions>PointwiseConv2D': 'kernel',
  'Convolutions>DepthwiseConv2D': 'depthwise',
};

/** Options that these layers share with a deformable one, under the same names. */
const SHARED = [
  'name',
  'trainable',
  'filters',
  'kernelSize',
  'strides',
  'padding',
  'dilationRate',
  'groups',
  'depthMultiplier',
  'dataFormat',
  'activation',
  'useBias',
  'biasInitializer',
  'biasRegularizer',
  'biasConstraint',
] as const;

/**
 * Copies a model with convolutions replaced by deformable ones of the same name. Initially the outputs are the same:
 * offsets are zero, masks are 1 and the kernels are those of the model. The model itself is unchanged. A stock batch
 * normalisation that TensorFlow.js cannot train (without `scale` or `center`, or over another axis than the last) is
 * replaced by this package's, with the same name and weights.
 *
 * @param model any built tf.LayersModel of serialisable layers, nested models and shared layers included
 * @param options convolutions to convert and kind of the new layers; see {@link ConvertToDeformableOptions}
 * @returns an uncompiled model with the same inputs and outputs
 * @throws TypeError for anything but a model; RangeError for names of other layers than convertible convolutions, and
 * if there are none
 * @see Dai et al., "Deformable Convolutional Networks" (2017), section 4.1
 * @example
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.conv2d({ name: 'conv', filters: 4, kernelSize: 3, activation: 'relu', inputShape: [8, 8, 1] }));
 * model.add(tf.layers.flatten());
 * const deformable = conv.convertToDeformable(model, { layers: ['conv'] });
 * console.log(deformable.getLayer('conv').getClassName()); // Convolutions>DeformableConv2D
 * ```
 */
export function convertToDeformable(model: tf.LayersModel, options: ConvertToDeformableOptions = {}): tf.LayersModel {
  checkModel(ACTION, model);
  checkOptions(ACTION, options, OPTIONS);
  const { layers: names, modulated, offsetGroups, offsetLearningRateMultiplier: rate } = options;
  if (modulated !== undefined) checkBoolean(ACTION, 'modulated', modulated);
  if (offsetGroups !== undefined) checkInteger(ACTION, 'offsetGroups', offsetGroups, 1);
  if (rate !== undefined) checkNumber(ACTION, 'offsetLearningRateMultiplier', rate, { from: 0 });
  const chosen = choose(layersOf(model), names);
  const { copy: converted, layers } = copyModel(model, (layer) =>
    chosen.has(layer) ? new DeformableConv2D(deformableArgs(layer, options)) : restoreTrainable(layer),
  );
  for (const [layer, copy] of layers) {
    const oldWeights = layer.getWeights();
    // The additional weights of a deformable layer come after the kernel and the bias.
    copy.setWeights([...oldWeights, ...copy.getWeights().slice(oldWeights.length)]);
  }
  return converted;
}

/** Names of the convolutions of more than one tap that can be converted, in the order of the model's layers. */
export function convertibleLayers(model: tf.LayersModel): string[] {
  return [...layersOf(model)].filter(([, layer]) => isConvertible(layer) && isWide(layer)).map(([name]) => name);
}

/**
 * Restores a layer, as this package's counterpart if TensorFlow.js cannot train its own: a normalisation without scale,
 * say.
 */
function restoreTrainable(layer: tf.layers.Layer): tf.layers.Layer {
  const beyond = isStockBatchNormalization(layer) && isBeyondHost(layer);
  return beyond ? new BatchNormalization(layer.getConfig()) : restore(layer);
}

/** Layers of a model by name; those of nested models are prefixed with the model's name. */
function layersOf(model: tf.LayersModel, prefix = ''): Map<string, tf.layers.Layer> {
  const found = new Map<string, tf.layers.Layer>();
  for (const layer of model.layers) {
    const path = `${prefix}${layer.name}`;
    if (layer instanceof tf.LayersModel) layersOf(layer, `${path}/`).forEach((inner, name) => found.set(name, inner));
    else found.set(path, layer);
  }
  return found;
}

/** Selects the layers with these names, or all convertible ones with more than one tap. */
function choose(
  layers: ReadonlyMap<string, tf.layers.Layer>,
  names: readonly string[] | undefined,
): ReadonlySet<tf.layers.Layer> {
  const convertible = new Map([...layers].filter(([, layer]) => isConvertible(layer)));
  const listed = [...convertible.keys()].join(', ');
  const rule =
    listed === '' ? 'the model has no convertible convolution' : `the convertible convolutions are ${listed}`;
  const given: unknown = names;
  if (given !== undefined && !Array.isArray(given)) {
    throw typeError(ACTION, 'layers must be a list of names', 'layers', given);
  }
  for (const name of names ?? []) if (!convertible.has(name)) throw rangeError(ACTION, rule, 'layers', name);
  const chosen =
    names === undefined ? [...convertible.values()].filter(isWide) : names.map((name) => convertible.get(name)!);
  if (chosen.length === 0) throw rangeError(ACTION, rule, 'layers', names);
  return new Set(chosen);
}

function isConvertible(layer: tf.layers.Layer): boolean {
  const className = layer.getClassName();
  if (!(className in KERNELS)) return false;
  const { paddingMode = 'zeros', dilationRate = 1, precision = 'single' } = layer.getConfig();
  // The depthwise layer of tfjs ignores its dilation; one that honours it would compute something else.
  const honoured = className !== 'DepthwiseConv2D' || [dilationRate].flat().every((rate) => rate === 1);
  return paddingMode === 'zeros' && precision === 'single' && honoured;
}

/** True if a kernel has more than one tap. */
function isWide(layer: tf.layers.Layer): boolean {
  const { kernelSize = 1 } = layer.getConfig();
  return ([kernelSize].flat() as number[]).some((taps) => taps > 1);
}

function deformableArgs(layer: tf.layers.Layer, options: ConvertToDeformableOptions): DeformableConv2DArgs {
  const config = layer.getConfig();
  const prefix = KERNELS[layer.getClassName()]!;
  const shared = SHARED.filter((name) => config[name] !== undefined).map((name) => [name, config[name]]);
  const kernel = ['Initializer', 'Regularizer', 'Constraint'].map((kind) => [`kernel${kind}`, config[prefix + kind]]);
  const { modulated, offsetGroups, offsetLearningRateMultiplier } = options;
  return {
    kernelSize: 1,
    ...Object.fromEntries([...shared, ...kernel]),
    modulated,
    offsetGroups,
    offsetLearningRateMultiplier,
    depthwise: prefix === 'depthwise',
    maskActivation: 'doubleSigmoid',
  } as DeformableConv2DArgs;
}
