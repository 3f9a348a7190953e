/** Loads whole models from the contents of Keras files, in browsers. */
import type * as tf from '@tensorflow/tfjs';
import { readHdf5InPlace } from './read_hdf5_in_place.js';
import { readKerasModel } from './read_keras_model.js';

/**
 * Loads a model from the contents of a `.keras` or `.h5` file, as `loadKeras` does in Node. Some corrupt files make the HDF5
 * library loop forever, so this belongs in a worker that can be terminated.
 *
 * @param bytes contents of the file
 * @returns the model with its weights
 * @throws the errors of `loadKeras`
 */
export async function loadKeras(bytes: Uint8Array): Promise<tf.LayersModel> {
  return readKerasModel({ bytes, name: `${bytes.length} bytes` }, readHdf5InPlace);
}
