/** Loads ONNX files, in Node. */
import path from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import { CorruptFileError } from '../../../errors.js';
import { checkPath } from '../../../support/check_path.js';
import { readRegularFile } from '../../../support/regular_file.js';
import { brief } from './import_error.js';
import { modelOf } from './import_onnx.js';
import { decodeFile, externalLocations } from './read_graph.js';

const ACTION = 'load from ONNX';

/**
 * Imports a file as {@link importOnnx} does, with the weights that lie in other files beside it.
 *
 * @param file path of the ONNX file
 * @returns the model with its weights
 * @throws OnnxImportError, CorruptFileError and MissingPackageError as importOnnx; RangeError if there is no such file
 * @example
 * ```ts
 * import { loadOnnx, saveOnnx } from 'tfjs-convolutions/interop';
 *
 * await saveOnnx(conv.mobileNetV2({ alpha: 0.35, inputShape: [null, null, 3], classes: 10 }), 'ten_classes.onnx');
 * const model = await loadOnnx('ten_classes.onnx');
 * console.log(model.inputs[0].shape); // [null, null, null, 3]
 * ```
 */
export async function loadOnnx(file: string): Promise<tf.LayersModel> {
  checkPath(ACTION, 'file', file);
  const stored = await decodeFile(ACTION, await readRegularFile(ACTION, file), file);
  const external = new Map<string, Uint8Array>();
  for (const location of externalLocations(stored)) {
    // A name alone: a file must not make the program read others.
    if (['', '.', '..'].includes(location) || /[/\\]/.test(location)) {
      throw new CorruptFileError(ACTION, `its weights must lie in a file beside it, not in '${brief(location)}'`, file);
    }
    external.set(location, await readRegularFile(ACTION, path.join(path.dirname(file), location)));
  }
  return modelOf(ACTION, stored, external, file);
}
