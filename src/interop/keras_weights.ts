/** Loads weights from Keras files and saves them for Keras. */
import * as tf from '@tensorflow/tfjs';
import { checkBoolean, CorruptFileError, rangeError, type Action } from '../errors.js';
import { writeFileAtomic } from '../support/atomic_file.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import { readHdf5, writeHdf5 } from './hdf5.js';
import { isHdf5 } from './hdf5_contents.js';
import type { StoredGroup } from './hdf5_contents.js';
import { isArchive, readArchive } from './keras_archive.js';
import { readContents } from './keras_contents.js';
import { legacyConfig, legacyGroup, readLegacy } from './keras_legacy.js';
import { layersGroup, namesInConfig, namesInModel, newV3, readV3, type LayerNames } from './keras_v3.js';
import { KerasWeightsError, matchWeights } from './match_weights.js';
import { modelLayers, type ModelLayer } from './model_layers.js';
import { warnOfOtherValues } from './other_values.js';
import type { StoredLayer } from './stored_layers.js';
import { isMatch, type WeightMismatch } from './weight_mismatch.js';
import { checkPath } from '../support/check_path.js';
import { checkModel } from '../support/check_model.js';

/** Options of {@link loadKerasWeights}. */
export interface LoadKerasWeightsOptions {
  /** Whether to load the weights that match and skip the others. @default false */
  readonly skipMismatch?: boolean;
}

/** Result of {@link loadKerasWeights}. */
export interface LoadedKerasWeights extends WeightMismatch {
  /** Number of weights that were loaded. */
  readonly loaded: number;
}

const LOAD: Action = 'load Keras weights';
const SAVE: Action = 'save Keras weights';
const OPTIONS = { skipMismatch: true } as const satisfies OptionNames<LoadKerasWeightsOptions>;

/**
 * Loads weights saved by Keras: `.weights.h5` and `.keras` files of Keras 3, and `.h5` files of any version, with weights
 * or a whole model. The format is recognized by the contents of the file, not by its name.
 *
 * Layers are matched by name. Default names (`conv2d_7`) depend only on how many layers were created before, so layers with
 * such names are matched by class and position in the model, as Keras itself does; model and file must then have the same
 * number of layers of the class. A `.weights.h5` file written before Keras 3.6 contains no names at all and can only be
 * loaded into a model of the same architecture. Nested models may have any depth. Recurrent layers and wrappers are loaded
 * too; they compute as in Keras 3 only if `recurrentActivation` is `'sigmoid'`, and a GRU must have been created in Keras
 * with `reset_after=False`, the only variant in TensorFlow.js. Subclassed models, whose files do not record the order of
 * layers, and sharded files are refused. State of optimizers and metrics in the file is ignored.
 *
 * The model is left unchanged if loading fails. A warning names layers of TensorFlow.js in the model that compute different
 * values than the Keras layers of the same name: bilinear `upSampling2d`, `resizing`, and batch normalization over any axis
 * but the last.
 *
 * @param model built model, of layers of this package or of TensorFlow.js
 * @param file path or contents of the file
 * @returns number of weights that were loaded and, with `skipMismatch`, lists of those that were skipped
 * @throws KerasWeightsError, whose `mismatch` lists all tensors that are unknown, missing or of another shape, unless
 *   `skipMismatch` is true;
 *   RangeError if there is no such file; CorruptFileError if it is corrupt or in another format; MissingPackageError if
 *   `h5wasm`, or for `.keras` files `fflate`, is not installed
 * @see https://keras.io/api/models/model_saving_apis/weights_saving_and_loading/
 * @example
 * ```ts
 * import { loadKerasWeights, saveKerasWeights } from 'tfjs-convolutions/interop';
 *
 * const model = conv.mobileNetV2({ inputShape: [32, 32, 3], alpha: 0.35, classes: 10 });
 * await saveKerasWeights(model, 'ten_classes.weights.h5');
 * const wider = conv.mobileNetV2({ inputShape: [32, 32, 3], alpha: 0.35, classes: 20 });
 * const { loaded, misshapen } = await loadKerasWeights(wider, 'ten_classes.weights.h5', { skipMismatch: true });
 * console.log(loaded, misshapen[0]); // 260 predictions/kernel is [1280, 10] in the file and must be [1280, 20]
 * ```
 */
export async function loadKerasWeights(
  model: tf.LayersModel,
  file: string | Uint8Array | ArrayBuffer,
  options: LoadKerasWeightsOptions = {},
): Promise<LoadedKerasWeights> {
  checkOptions(LOAD, options, OPTIONS);
  const skipMismatch = checkBoolean(LOAD, 'skipMismatch', options.skipMismatch ?? false);
  checkModel(LOAD, model);
  const layers = modelLayers(model);
  const contents = await readContents(LOAD, file);
  const archive = isArchive(contents.bytes) ? await readArchive(LOAD, contents) : undefined;
  const bytes = archive?.weights ?? contents.bytes;
  if (!isHdf5(bytes)) throw new CorruptFileError(LOAD, 'the file must be HDF5 or a .keras archive', contents.name);
  // All values are read before the first weight is changed.
  const [{ pairs, mismatch }, values] = await readHdf5(LOAD, bytes, contents.name, (root) => {
    const match = matchWeights(layers, readLayers(root, layers, archive?.config, contents.name));
    if (!isMatch(match.mismatch) && !skipMismatch) throw new KerasWeightsError(LOAD, match, contents.name);
    return { pairs: match.pairs, mismatch: match.mismatch, arrays: match.pairs.map(({ array }) => array) };
  });
  pairs.forEach(({ variable }, index) => {
    tf.tidy(() => {
      variable.write(tf.tensor(values[index]!, variable.shape as number[]));
    });
  });
  warnOfOtherValues(model);
  return { loaded: values.length, ...mismatch };
}

/**
 * Saves weights so that `keras.Model.load_weights` of Keras 3 can load them into the same architecture.
 *
 * Keras ignores names in such a file: it matches layers by class and order, and weights by order. Layers that Keras does
 * not have are saved under their own class name.
 *
 * @param model built model
 * @param file path that ends in `.weights.h5`, as Keras requires; an existing file is replaced
 * @throws RangeError if the name does not end in `.weights.h5`; MissingPackageError if `h5wasm` is not installed
 * @see https://keras.io/api/models/model_saving_apis/weights_saving_and_loading/
 * @example
 * ```ts
 * import { saveKerasWeights } from 'tfjs-convolutions/interop';
 *
 * const model = tf.sequential();
 * model.add(conv.layers.depthwiseConv2d({ kernelSize: 3, inputShape: [8, 8, 3] }));
 * await saveKerasWeights(model, 'depthwise.weights.h5');
 * ```
 */
export async function saveKerasWeights(model: tf.LayersModel, file: string): Promise<void> {
  checkModel(SAVE, model);
  checkPath(SAVE, 'file', file);
  if (!file.endsWith('.weights.h5')) throw rangeError(SAVE, 'the file name must end in .weights.h5', 'file', file);
  const tree = newV3(SAVE, model.name, modelLayers(model), ({ variable }) => {
    if (variable.dtype !== 'float32') {
      throw rangeError(SAVE, 'weights must be float32, not packed in half precision', variable.name, variable.dtype);
    }
    return { shape: variable.shape as number[], values: Float32Array.from(variable.read().dataSync()) };
  });
  await writeFileAtomic(file, [await writeHdf5(SAVE, tree)]);
}

/** Reads the layers in a file of either layout. */
function readLayers(root: StoredGroup, layers: readonly ModelLayer[], config: unknown, name: string): StoredLayer {
  const legacy = legacyGroup(root);
  if (legacy !== undefined) return readLegacy(legacy, legacyConfig(root));
  if (layersGroup(root) !== undefined) {
    return readV3(root, config === undefined ? namesInModel(layers) : checkedNames(config, name), config === undefined);
  }
  // Keras 3 writes `vars` for every model.
  const attributes = root.group('vars') ? root.names.filter((each) => each !== 'vars' && root.group(each)) : [];
  const rule =
    attributes.length > 0
      ? `the model must be Sequential or Functional: this one is subclassed, and its file records the attributes of a Python class (${attributes.slice(0, 5).join(', ').slice(0, 100)}), but not the order of layers`
      : 'the file must contain Keras weights';
  throw new CorruptFileError(LOAD, rule, name);
}

function checkedNames(config: unknown, name: string): LayerNames {
  try {
    return namesInConfig(config);
  } catch {
    throw new CorruptFileError(LOAD, 'config.json must describe the layers of the model', name);
  }
}
