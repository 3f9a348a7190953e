/** Saves whole models for Keras. */
import type * as tf from '@tensorflow/tfjs';
import { rangeError, type Action } from '../errors.js';
import { writeFileAtomic } from '../support/atomic_file.js';
import { checkModel } from '../support/check_model.js';
import { checkPath } from '../support/check_path.js';
import { writeHdf5 } from './hdf5.js';
import { loadZip, writeArchive } from './keras_archive.js';
import { KerasModelError } from './keras_model_error.js';
import { newV3 } from './keras_v3.js';
import { modelLayers } from './model_layers.js';
import { writeKerasModel } from './write_keras_model.js';

const SAVE: Action = 'save the Keras model';

/**
 * Saves a model, functional or sequential, so that `keras.saving.load_model` of Keras 3 opens it, on any of its backends.
 *
 * A layer is saved as the Keras layer that computes the same, whichever library it is from: a `pointwiseConv2d` as a
 * `Conv2D`, a normalization with its activation as `BatchNormalization` and `ReLU`. What Keras does not have (deformable
 * convolutions, region pooling, numeric padding) is saved as a class of the Python package `tfjs_convolutions`, which Python
 * must then import first. The optimizer is not saved. The metadata that `train` records in a model, preprocessing and names of
 * classes, is kept where Keras ignores it; `loadKeras` and the Python package's training read it.
 *
 * @param model built model
 * @param file path that ends in `.keras`, as Keras requires; an existing file is replaced once the new one is complete
 * @throws KerasModelError, whose `problems` lists all layers that Keras cannot compute, before a file is written; RangeError
 *   if the name does not end in `.keras`; MissingPackageError if `h5wasm` or `fflate` is not installed
 * @see https://keras.io/api/models/model_saving_apis/model_saving_and_loading/
 * @example
 * ```ts
 * import { saveKeras } from 'tfjs-convolutions/interop';
 *
 * await saveKeras(conv.mobileNetV2({ inputShape: [32, 32, 3], alpha: 0.35, classes: 10 }), 'mobilenet_v2.keras');
 * // In Python: keras.saving.load_model('mobilenet_v2.keras')
 * ```
 */
export async function saveKeras(model: tf.LayersModel, file: string): Promise<void> {
  checkModel(SAVE, model);
  checkPath(SAVE, 'file', file);
  if (!file.endsWith('.keras')) throw rangeError(SAVE, 'the file name must end in .keras', 'file', file);
  await loadZip(SAVE);
  const { config, classes, problems } = writeKerasModel(model);
  if (problems.length > 0) throw new KerasModelError(SAVE, 'Keras must be able to compute every layer', problems, file);
  const layers = modelLayers(model, { byName: true, classOf: (layer) => classes.get(layer) });
  const weights = newV3(SAVE, model.name, layers, ({ variable }) => ({
    shape: variable.shape as number[],
    values: Float32Array.from(variable.read().dataSync()),
  }));
  const notes = model.getUserDefinedMetadata() as object | undefined;
  const contents = { config, weights: await writeHdf5(SAVE, weights), ...(notes && { notes }) };
  await writeFileAtomic(file, [await writeArchive(SAVE, contents)]);
}
