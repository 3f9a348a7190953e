/** Weights to and from files of Keras. */
import * as tf from '@tensorflow/tfjs';
import { checkBoolean, CorruptFileError, rangeError, typeError, type Action } from '../errors.js';
import { writeFileAtomic } from '../support/atomic_file.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import { readRegularFile } from '../support/regular_file.js';
import { isHdf5, readHdf5, writeHdf5 } from './hdf5.js';
import type { StoredGroup } from './hdf5_contents.js';
import { isArchive, readArchive } from './keras_archive.js';
import { legacyConfig, legacyGroup, readLegacy } from './keras_legacy.js';
import { layersGroup, namesInConfig, namesInModel, newV3, readV3, type LayerNames } from './keras_v3.js';
import { KerasWeightsError, matchWeights, type KerasMismatch } from './match_weights.js';
import { modelLayers, type ModelLayer } from './model_layers.js';
import { warnOfOtherValues } from './other_values.js';
import type { StoredLayer } from './stored_layers.js';

/** Options of {@link loadKerasWeights}. */
export interface LoadKerasWeightsOptions {
  /** Whether what fits is loaded although the rest does not. @default false */
  readonly skipMismatch?: boolean;
}

/** What {@link loadKerasWeights} did. */
export interface LoadedKerasWeights extends KerasMismatch {
  /** How many weights have got the values of the file. */
  readonly loaded: number;
}

const LOAD: Action = 'load Keras weights';
const SAVE: Action = 'save Keras weights';
const OPTIONS = { skipMismatch: true } as const satisfies OptionNames<LoadKerasWeightsOptions>;

/**
 * Loads weights that Keras saved: `.weights.h5` and `.keras` of Keras 3, and `.h5` of any Keras, of weights or of a whole
 * model. Which of them it is, the contents tell, not the name.
 *
 * Layers with a name of their own are found by it. Default names (`conv2d_7`) only count what was made before, so such
 * layers go by class and place in the model, as Keras itself loads files; model and file must have equally many of the class.
 * A `.weights.h5` file written before Keras 3.6 has no names at all and suits models of the same architecture. Models
 * inside the model may be nested at any depth. Recurrent layers and wrappers are loaded too; `recurrentActivation` must be
 * `'sigmoid'` there to compute as in Keras 3, and a GRU of Keras must have been made with `reset_after=False`, the only one
 * that TensorFlow.js has. Subclassed models, whose files do not tell the order of layers, and files in shards are refused.
 * Values of optimizers and metrics in the file are left alone.
 *
 * The model is unchanged if anything is wrong. A warning names layers of TensorFlow.js in it that compute other values than
 * Keras's of the same name: bilinear `upSampling2d`, `resizing`, and batch normalisation over any axis but the last.
 *
 * @param model built model, of this package or of stock layers
 * @param file path, or the contents of a file
 * @returns how many weights were loaded, and, with `skipMismatch`, what was skipped
 * @throws KerasWeightsError, whose `mismatch` lists all tensors that are unknown, missing or of another shape, unless
 *   `skipMismatch`;
 *   RangeError if there is no such file; CorruptFileError if it is damaged or of another kind; MissingPackageError if
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
  const layers = modelLayers(model);
  const contents = await readContents(file);
  const [bytes, config] = isArchive(contents.bytes) ? await readArchive(LOAD, contents) : [contents.bytes, undefined];
  if (!isHdf5(bytes)) throw new CorruptFileError(LOAD, 'the file must be HDF5 or a .keras archive', contents.name);
  // All are read before the first is set.
  const [{ pairs, mismatch }, values] = await readHdf5(LOAD, bytes, contents.name, (root) => {
    const match = matchWeights(layers, readLayers(root, layers, config, contents.name));
    const fits = Object.values(match.mismatch).every((entries) => (entries as unknown[]).length === 0);
    if (!fits && !skipMismatch) throw new KerasWeightsError(LOAD, match, contents.name);
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
 * Saves weights so that `keras.Model.load_weights` of Keras 3 loads them into the same architecture.
 *
 * Keras compares no names in such a file: layers go by class and order, weights by order. Layers that Keras does not have
 * are saved under their own class name.
 *
 * @param model built model
 * @param file path that ends in `.weights.h5`, as Keras demands; a file that is there is replaced
 * @throws RangeError if the name ends otherwise; MissingPackageError if `h5wasm` is not installed
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
  if (typeof file !== 'string') throw typeError(SAVE, 'file must be a path', 'file', file);
  if (!file.endsWith('.weights.h5')) throw rangeError(SAVE, 'the file name must end in .weights.h5', 'file', file);
  const tree = newV3(SAVE, model.name, modelLayers(model), ({ variable }) => ({
    shape: variable.shape as number[],
    values: Float32Array.from(variable.read().dataSync()),
  }));
  await writeFileAtomic(file, [await writeHdf5(SAVE, tree)]);
}

/** The contents of a file and what users know it as. */
async function readContents(file: unknown): Promise<{ bytes: Uint8Array; name: string }> {
  if (file instanceof Uint8Array) return { bytes: file, name: `${file.length} bytes` };
  if (file instanceof ArrayBuffer) return { bytes: new Uint8Array(file), name: `${file.byteLength} bytes` };
  if (typeof file !== 'string')
    throw typeError(LOAD, 'file must be a path, a Uint8Array or an ArrayBuffer', 'file', file);
  return { bytes: await readRegularFile(LOAD, file), name: file };
}

/** The layers in a file of either layout. */
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
      ? `the model must be Sequential or Functional: this one is subclassed, and its file has the attributes of a Python class (${attributes.slice(0, 5).join(', ').slice(0, 100)}) and no order of layers`
      : 'the file must hold weights of Keras';
  throw new CorruptFileError(LOAD, rule, name);
}

function checkedNames(config: unknown, name: string): LayerNames {
  try {
    return namesInConfig(config);
  } catch {
    throw new CorruptFileError(LOAD, 'config.json must describe the layers of the model', name);
  }
}
