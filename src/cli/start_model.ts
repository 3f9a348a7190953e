/** `--from`: the trained model that a run starts from, with a new head if the classes differ. */
import * as tf from '@tensorflow/tfjs';
import { loadKeras } from '../interop/load_keras.js';
import { loadKerasWeights } from '../interop/keras_weights.js';
import { KerasWeightsError } from '../interop/match_weights.js';
import type { WeightMismatch } from '../interop/weight_mismatch.js';
import { convertibleLayers, convertToDeformable } from '../models/convert_to_deformable.js';
import { headOf } from '../models/head.js';
import { outputActivation } from '../models/output_activation.js';
import { replaceHead } from '../models/replace_head.js';
import { decodeModel, encodeModel } from '../training/model_encoding.js';
import { choosePreprocessing, type Preprocessing } from '../training/preprocessing.js';
import { Random } from '../training/random.js';
import { withSeed } from '../training/with_seed.js';
import type { TrainCommandOptions } from './command_options.js';
import { UsageError } from './exit_status.js';
import { chosenPreprocessing, preprocessingFor } from './model_preprocessing.js';
import { isSegmenterName, type ModelName, type TaskName } from './model_names.js';
import { activationFor, squareSize, type ModelSource, type SourcedModel } from './sourced_model.js';
import { buildNamedModel } from './named_models.js';
import { openModel } from './open_model.js';
import { startPath } from './start_source.js';

const ACTION = 'start from the model';
/** Default height and width of images for a network by name, the smallest of the official weights. */
const NAMED_SIZE = 96;
/** Options that only a network by name takes. */
const OF_NAMED = ['alpha', 'downsampling'] as const;
/** Rank of the output: classes of each image, or of each position. */
const RANKS = { classify: 2, segment: 4 } as const;

/** Options with the name of a classifier. */
type NamedOptions = TrainCommandOptions & { readonly model: ModelName };

/**
 * Opens the model of `--from`: with `--model`, weights for that network; otherwise a whole model.
 *
 * @param from folder of a run or a model, path of a model.json, Keras file or ONNX file
 * @param isGiven Tells whether an option was given on the command line.
 */
export async function openStart(
  from: string,
  options: TrainCommandOptions,
  isGiven: (name: string) => boolean,
): Promise<ModelSource> {
  const isKeras = /\.(keras|h5|hdf5)$/i.test(from);
  if (isGiven('model')) {
    const { model } = options;
    if (!isKeras) {
      throw new UsageError(`option '--model' is only used with '--from' for a Keras file, received --from = '${from}'`);
    }
    if (isSegmenterName(model)) {
      throw new UsageError(`option '--model' must name a classifier with '--from', received --model = '${model}'`);
    }
    return namedStart(from, { ...options, model }, isGiven);
  }
  if (/\.weights\.h5$/i.test(from)) {
    throw new UsageError(
      `option '--model' must name the network that the weights are for, received --from = '${from}'`,
    );
  }
  const unused = OF_NAMED.find(isGiven);
  if (unused !== undefined) {
    throw new UsageError(`option '--${unused}' is only used with '--from' if '--model' names the network`);
  }
  return wholeStart(isKeras ? await loadKeras(from) : await openModel(startPath(from)), from, options, isGiven);
}

/** Number of layers to make deformable: of a trained model, none unless it is asked for. */
function deformableCount({ deformable }: TrainCommandOptions, isGiven: (name: string) => boolean): number {
  return isGiven('deformable') ? deformable : 0;
}

/** Names of the options of a preprocessing. */
const PREPROCESSING_FLAGS = ['fit', 'background', 'range', 'mean', 'std'] as const;

/** Preprocessing that a model records or expects, except for what the command line chooses. */
function expectedBy(
  model: tf.LayersModel,
  options: TrainCommandOptions,
  isGiven: (name: string) => boolean,
): Preprocessing {
  const flags = Object.fromEntries(PREPROCESSING_FLAGS.filter(isGiven).map((name) => [name, options[name]]));
  const recorded = preprocessingFor(model, flags, options.size);
  const [, height, width] = model.inputs[0]!.shape;
  const { size } = options;
  if (size === undefined) return recorded;
  if ((height ?? size) !== size || (width ?? size) !== size) {
    const rule = `the model of --from takes images of ${height}×${width} pixels`;
    throw new Error(`Cannot train: ${rule}, received --size = ${size}`);
  }
  return { ...recorded, height: size, width: size };
}

function wholeStart(
  loaded: tf.LayersModel,
  from: string,
  options: TrainCommandOptions,
  isGiven: (name: string) => boolean,
): ModelSource {
  const { seed, task } = options;
  checkTask(loaded, task);
  return {
    expected: expectedBy(loaded, options, isGiven),
    build: (data) => {
      const { classNames } = data.train;
      const activation = activationFor(data);
      const origin = withProbabilities(loaded, activation);
      const isNewHead = !hasClasses(origin, classNames) || outputActivation(origin) !== activation;
      const model = isNewHead ? seeded(seed, () => replaceHead(origin, classNames.length, { activation })) : origin;
      return finish({ model, isNewHead }, from, deformableCount(options, isGiven), seed);
    },
  };
}

function namedStart(file: string, options: NamedOptions, isGiven: (name: string) => boolean): ModelSource {
  const { seed, size = NAMED_SIZE } = options;
  // Networks of keras.applications take colours.
  const shape = { height: size, width: size, channels: 3 } as const;
  return {
    expected: choosePreprocessing(ACTION, shape, chosenPreprocessing(options)),
    build: async (data) => {
      const model = buildNamedModel({
        ...options,
        alpha: isGiven('alpha') ? options.alpha : 1,
        deformable: 0,
        downsampling: options.downsampling ?? 'all',
        size: squareSize(data),
        channels: 3,
        classes: data.train.classNames.length,
        activation: activationFor(data),
      });
      const isNewHead = await loadTrunk(model, file);
      return finish({ model, isNewHead }, file, deformableCount(options, isGiven), seed);
    },
  };
}

/** Loads the weights of all layers but the head, and of the head if they fit; true if they do not. */
async function loadTrunk(model: tf.LayersModel, file: string): Promise<boolean> {
  const mismatch = await loadKerasWeights(model, file, { skipMismatch: true });
  const head = `${headOf(ACTION, model).layer.name}/`;
  const ofTrunk = (entries: readonly string[]): string[] => entries.filter((entry) => !entry.startsWith(head));
  const trunk: WeightMismatch = {
    missing: ofTrunk(mismatch.missing),
    unknown: ofTrunk(mismatch.unknown),
    misshapen: ofTrunk(mismatch.misshapen),
  };
  if (trunk.missing.length + trunk.unknown.length + trunk.misshapen.length > 0) {
    throw new KerasWeightsError(ACTION, { mismatch: trunk }, file);
  }
  return mismatch.missing.length + mismatch.misshapen.length > 0;
}

async function finish(
  { model, isNewHead }: { readonly model: tf.LayersModel; readonly isNewHead: boolean },
  from: string,
  deformable: number,
  seed: number,
): Promise<SourcedModel> {
  const classes = model.outputs[0]!.shape.at(-1)!;
  const head = isNewHead ? `a new head for ${classes} classes` : `its own head for ${classes} classes`;
  const started = deformable === 0 ? model : seeded(seed, () => deform(model, deformable));
  // A resumed run loads the model from its folder, and then has the same configuration of every layer.
  const { topology, weights } = await encodeModel(started);
  const readWeights = (): Promise<Uint8Array> => Promise.resolve(weights);
  return { model: await decodeModel({ name: 'model.json', topology, readWeights }), origin: `${from}, with ${head}` };
}

function deform(model: tf.LayersModel, count: number): tf.LayersModel {
  const all = convertibleLayers(model);
  if (count > all.length) {
    const rule = `the model has ${all.length} convolutions that can be deformable`;
    throw new Error(`Cannot ${ACTION}: ${rule}, received --deformable = ${count}`);
  }
  return convertToDeformable(model, { layers: all.slice(-count) });
}

function seeded<T>(seed: number, build: () => T): T {
  return withSeed(new Random(seed, 'initialization'), build);
}

/** True if the model already names these classes; a model without names, if it has as many. */
function hasClasses(model: tf.LayersModel, classNames: readonly string[]): boolean {
  const { classNames: own } = (model.getUserDefinedMetadata() as { readonly classNames?: unknown } | undefined) ?? {};
  if (Array.isArray(own)) return own.length === classNames.length && own.every((name, at) => name === classNames[at]);
  return model.outputs[0]!.shape.at(-1) === classNames.length;
}

/** Throws unless the output of the model is that of the task. */
function checkTask({ outputs }: tf.LayersModel, task: TaskName): void {
  const { shape } = outputs[0]!;
  if (shape.length === RANKS[task]) return;
  const what = { classify: 'the classes of an image', segment: 'the classes of every pixel' }[task];
  const received = `[${shape.slice(1).join(', ')}]`;
  throw new Error(`Cannot ${ACTION}: its output must be ${what} with '--task ${task}', received output = ${received}`);
}

/** Gives a model that ends in scores, as networks of PyTorch do, the activation that makes probabilities of them. */
function withProbabilities(model: tf.LayersModel, wanted: 'softmax' | 'sigmoid'): tf.LayersModel {
  const activation = outputActivation(model) ?? 'linear';
  if (activation === 'softmax' || activation === 'sigmoid') return model;
  const { inputs, outputs, name } = model;
  if (activation !== 'linear') {
    const rule = 'it must end in softmax or sigmoid, or in no activation';
    const last = outputs[0]!.sourceLayer;
    throw new Error(`Cannot ${ACTION}: ${rule}, received activation of '${last.name}' = ${activation}`);
  }
  const probabilities = tf.layers.activation({ activation: wanted }).apply(outputs[0]!) as tf.SymbolicTensor;
  const complete = tf.model({ inputs, outputs: probabilities, name });
  const notes = model.getUserDefinedMetadata() as object | undefined;
  if (notes !== undefined) complete.setUserDefinedMetadata(notes);
  return complete;
}
