/** Freezes models as Keras's `trainable = False` does: layer by layer, including nested models and wrapped layers. */
import * as tf from '@tensorflow/tfjs';
import { rangeError, typeError, type Action } from '../errors.js';
import { callStock, isStockBatchNormalization } from '../layers/stock_batch_normalization.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import { checkModel } from '../support/check_model.js';

/** Options of {@link freeze}. */
export interface FreezeOptions {
  /**
   * Name of the last layer to freeze, in the order of `model.layers`; a layer of a nested model is prefixed with the
   * model's name: `features/conv`. Later layers are unchanged. @default all layers
   */
  readonly upTo?: string;
}

/** Options of {@link unfreeze}. */
export interface UnfreezeOptions {
  /**
   * Name of the first layer to unfreeze, in the order of `model.layers`; a layer of a nested model is prefixed with the
   * model's name: `features/conv`. Earlier layers are unchanged. @default all layers
   */
  readonly from?: string;
}

const FREEZE_OPTIONS = { upTo: true } satisfies OptionNames<FreezeOptions>;
const UNFREEZE_OPTIONS = { from: true } satisfies OptionNames<UnfreezeOptions>;

/** Properties under which wrappers and recurrent layers of TensorFlow.js hold other layers. */
const PARTS = ['layer', 'forwardLayer', 'backwardLayer', 'cell', 'cells'];

/**
 * Freezes a model: no training step changes its weights or the moving averages of its normalisations, in whatever model
 * it is nested. This is what `model.trainable = False` does in Keras; in TensorFlow.js that line sets only the flags of
 * the weights, so that moving averages are still updated, and everything trains if the model is the first layer of a
 * tf.Sequential.
 *
 * Sets `trainable = false` on every layer, including nested models and wrappers. A frozen batch normalisation, of
 * TensorFlow.js or of this package, runs in inference mode while the rest trains. The flags are saved with the model; a
 * stock batch normalisation of a loaded model needs another call (or `accelerateStockLayers()`). A compiled model that
 * contains this one must be compiled again, as in Keras.
 *
 * @param model the model, or a nested model in it
 * @param options range of layers; see {@link FreezeOptions}
 * @throws TypeError for anything but a model, and for an unknown option; RangeError for an unknown layer name
 * @see https://keras.io/guides/transfer_learning/
 * @example
 * ```ts
 * const base = conv.mobileNetV2({ alpha: 0.35, inputShape: [32, 32, 3], includeTop: false, pooling: 'avg' });
 * conv.freeze(base);
 * const model = tf.sequential({ layers: [base, tf.layers.dense({ units: 5 })] });
 * console.log(model.trainableWeights.length); // 2
 * ```
 */
export function freeze(model: tf.LayersModel, options: FreezeOptions = {}): void {
  const action = 'freeze the model';
  checkModel(action, model);
  checkOptions(action, options, FREEZE_OPTIONS);
  const layers = leavesOf(model);
  const last = options.upTo === undefined ? layers.length - 1 : findLast(action, layers, 'upTo', options.upTo);
  setFlags(
    model,
    new Set(
      layers
        .slice(last + 1)
        .filter(isTrainable)
        .map(({ layer }) => layer),
    ),
  );
}

/**
 * Unfreezes a model frozen by {@link freeze} or `trainable = false`, or its last layers, for fine-tuning.
 *
 * @param model the model, or a nested model in it
 * @param options range of layers; see {@link UnfreezeOptions}
 * @throws TypeError for anything but a model, and for an unknown option; RangeError for an unknown layer name
 * @see https://keras.io/guides/transfer_learning/
 * @example
 * ```ts
 * const model = conv.mobileNetV2({ alpha: 0.35, inputShape: [32, 32, 3], classes: 5 });
 * conv.freeze(model);
 * conv.unfreeze(model, { from: 'Conv_1' });
 * console.log(model.trainableWeights.length); // 5
 * ```
 */
export function unfreeze(model: tf.LayersModel, options: UnfreezeOptions = {}): void {
  const action = 'unfreeze the model';
  checkModel(action, model);
  checkOptions(action, options, UNFREEZE_OPTIONS);
  const layers = leavesOf(model);
  const first = options.from === undefined ? 0 : findFirst(action, layers, 'from', options.from);
  const stillTrainable = layers.slice(0, first).filter(isTrainable);
  setFlags(model, new Set([...stillTrainable, ...layers.slice(first)].map(({ layer }) => layer)));
}

/** Propagates the flags of models to their layers. Flags of single weights are kept. */
export function propagateFlags(model: tf.LayersModel): void {
  for (const leaf of leavesOf(model)) {
    if (!isTrainable(leaf)) setFlag(leaf.layer, false);
  }
}

/**
 * Freezes the batch normalisations of a model, including those of nested models, and leaves other layers as they are. For
 * fine-tuning: their statistics of the data that the network was trained on are better than those of a few images.
 *
 * @param model the model, or a nested model in it
 * @throws TypeError for anything but a model
 * @see https://keras.io/guides/transfer_learning/#finetuning
 * @example
 * ```ts
 * const model = conv.mobileNetV2({ alpha: 0.35, inputShape: [32, 32, 3], classes: 5 });
 * const before = model.trainableWeights.length;
 * conv.freezeNormalizations(model);
 * console.log(before, model.trainableWeights.length); // 158 54
 * ```
 */
export function freezeNormalizations(model: tf.LayersModel): void {
  checkModel('freeze the normalizations', model);
  for (const { layer } of leavesOf(model)) {
    if (isNormalization(layer)) setFlag(layer, false);
  }
}

/** True for the layers that {@link freezeNormalizations} freezes. */
export function isNormalization(layer: tf.layers.Layer): boolean {
  return /(^|>)BatchNormalization$/.test(layer.getClassName());
}

/** A layer that is not a model, with the models that contain it. */
interface Leaf {
  readonly layer: tf.layers.Layer;
  /** Its name, prefixed with those of the nested models. */
  readonly path: string;
  readonly models: readonly tf.layers.Layer[];
}

function isTrainable({ layer, models }: Leaf): boolean {
  return layer.trainable && models.every(({ trainable }) => trainable);
}

function leavesOf(model: tf.LayersModel, prefix = '', parents: readonly tf.layers.Layer[] = []): readonly Leaf[] {
  const models = [...parents, model];
  return model.layers.flatMap((layer) => {
    const path = `${prefix}${layer.name}`;
    return layer instanceof tf.LayersModel ? leavesOf(layer, `${path}/`, models) : [{ layer, path, models }];
  });
}

/** Sets the flags of all layers, and those of models: trainable if any of their layers is. */
function setFlags(model: tf.LayersModel, training: ReadonlySet<tf.layers.Layer>): boolean {
  const flags = model.layers.map((layer) => {
    if (layer instanceof tf.LayersModel) return setFlags(layer, training);
    return training.has(layer) && layer.getClassName() !== 'InputLayer';
  });
  const any = flags.some((flag) => flag);
  // Also sets the flags of weights, so those of the layers are set afterwards.
  hostFlag().set!.call(model, any);
  model.layers.forEach((layer, index) => {
    if (!(layer instanceof tf.LayersModel)) setFlag(layer, flags[index]!);
  });
  return any;
}

function setFlag(layer: tf.layers.Layer, trainable: boolean): void {
  if (layer instanceof tf.LayersModel) {
    setFlags(layer, new Set(trainable ? leavesOf(layer).map((leaf) => leaf.layer) : []));
    return;
  }
  layer.trainable = trainable;
  for (const part of partsOf(layer)) setFlag(part, trainable);
  if (!trainable && isStockBatchNormalization(layer)) layer.call = callStock;
}

function partsOf(layer: tf.layers.Layer): readonly tf.layers.Layer[] {
  const properties = layer as unknown as Readonly<Record<string, unknown>>;
  return PARTS.flatMap((name) => properties[name]).filter((part) => part instanceof tf.layers.Layer);
}

/** TensorFlow.js's accessor of a model's flag. */
export function hostFlag(): PropertyDescriptor {
  return accessorOf(tf.LayersModel.prototype, 'trainable');
}

/** Accessor that an object inherits under a name. */
function accessorOf(prototype: object, name: string): PropertyDescriptor {
  return (
    Object.getOwnPropertyDescriptor(prototype, name) ?? accessorOf(Object.getPrototypeOf(prototype) as object, name)
  );
}

function findFirst(action: Action, layers: readonly Leaf[], option: string, name: unknown): number {
  if (typeof name !== 'string') throw typeError(action, `${option} must be the name of a layer`, option, name);
  const index = layers.findIndex((leaf) => isNamed(leaf, name));
  if (index < 0) throw rangeError(action, `${option} must be the name of a layer of the model`, option, name);
  return index;
}

function findLast(action: Action, layers: readonly Leaf[], option: string, name: unknown): number {
  const first = findFirst(action, layers, option, name);
  const end = layers.findIndex((leaf, index) => index > first && !isNamed(leaf, name as string));
  return (end < 0 ? layers.length : end) - 1;
}

/** True if the layer, or a nested model that contains it, has this path. */
function isNamed({ path }: Leaf, name: string): boolean {
  return path === name || path.startsWith(`${name}/`);
}
