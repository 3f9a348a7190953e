/** Loads weights from the contents of safetensors files, in browsers. */
import type * as tf from '@tensorflow/tfjs';
import { typeError } from '../../errors.js';
import { loadTensors, readLoadRequest, type LoadedSafetensors, type LoadSafetensorsOptions } from './load_tensors.js';

const ACTION = 'load safetensors';

/**
 * Loads weights by name from the contents of a safetensors file; otherwise as in Node, where it also takes a path.
 *
 * @param model built model, of layers of this package or of TensorFlow.js
 * @param file contents of the file
 * @param options names of the tensors; see {@link LoadSafetensorsOptions}
 * @returns number of weights that were loaded and, with `skipMismatch`, lists of those that were skipped
 * @throws SafetensorsError, CorruptFileError, TypeError and RangeError as in Node
 */
export async function loadSafetensors(
  model: tf.LayersModel,
  file: Uint8Array | ArrayBuffer,
  options: LoadSafetensorsOptions,
): Promise<LoadedSafetensors> {
  const request = readLoadRequest(ACTION, model, options);
  if (!(file instanceof Uint8Array) && !(file instanceof ArrayBuffer)) {
    throw typeError(ACTION, 'file must be a Uint8Array or an ArrayBuffer', 'file', file);
  }
  const bytes = file instanceof Uint8Array ? file : new Uint8Array(file);
  return Promise.resolve(loadTensors(request, bytes, `${bytes.length} bytes`));
}
