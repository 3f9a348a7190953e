/** Loads whole models from Keras files. */
import type * as tf from '@tensorflow/tfjs';
import { readHdf5 } from './hdf5.js';
import { readContents } from './keras_contents.js';
import { LOAD, readKerasModel } from './read_keras_model.js';

/**
 * Loads a model, functional or sequential, that Keras saved: `.keras` archives of Keras 3 and whole `.h5` files of Keras 2
 * and 3. The format is recognized by the contents of the file, not by its name.
 *
 * Layers that this package has become its own (a `Conv2D` with groups, a batch normalisation over any axis, a bilinear
 * upsampling compute what they do in Keras), others those of TensorFlow.js. The model is not compiled. Random augmentation
 * that no layer here computes, and that changes nothing in inference, becomes an identity, with a warning. What neither
 * library has is one error that lists every such layer: custom classes, options that would change the result, and in files of
 * Keras 2 calls with `training=False` of a layer that differs in training and is not frozen (Keras 3 itself ignores those in `fit`).
 *
 * @param file path or contents of the file
 * @returns the model with its weights
 * @throws KerasModelError, whose `problems` lists all layers that cannot be computed; CorruptFileError if the file is
 *   corrupt or in another format; KerasWeightsError if its weights are not those of its model; RangeError if there is no
 *   such file; MissingPackageError if `h5wasm`, or for `.keras` files `fflate`, is not installed
 * @see https://keras.io/api/models/model_saving_apis/model_saving_and_loading/
 * @example
 * ```ts
 * import { loadKeras, saveKeras } from 'tfjs-convolutions/interop';
 *
 * await saveKeras(conv.squeezeNet({ inputShape: [64, 64, 3], alpha: 0.25, classes: 10 }), 'squeezenet.keras');
 * const model = await loadKeras('squeezenet.keras');
 * console.log(model.outputShape); // [null, 10]
 * ```
 */
export async function loadKeras(file: string | Uint8Array | ArrayBuffer): Promise<tf.LayersModel> {
  return readKerasModel(await readContents(LOAD, file), readHdf5);
}
