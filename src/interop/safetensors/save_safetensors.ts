/** Saves weights as safetensors files, in Node. */
import type * as tf from '@tensorflow/tfjs';
import { rangeError } from '../../errors.js';
import { writeFileAtomic } from '../../support/atomic_file.js';
import { checkPath } from '../../support/check_path.js';
import { encodeWeights, type SaveSafetensorsOptions } from './export_safetensors.js';

const ACTION = 'save safetensors';

/**
 * Writes the weights of a model, as {@link exportSafetensors} gives them, to a file. The file appears complete or not at all; a
 * file of the same name is replaced.
 *
 * @param model built model, of layers of this package or of TensorFlow.js
 * @param file path that ends in `.safetensors`
 * @param options those of exportSafetensors
 * @throws TypeError and RangeError as exportSafetensors, and RangeError for another ending; FileAccessError if the file
 * system refuses
 * @example
 * ```ts
 * import { saveSafetensors } from 'tfjs-convolutions/interop';
 *
 * const model = tf.sequential();
 * model.add(conv.layers.conv2d({ name: 'edges', filters: 4, kernelSize: 3, inputShape: [8, 8, 1] }));
 * await saveSafetensors(model, 'edges.safetensors', { names: { edges: 'features.0' } });
 * ```
 */
export async function saveSafetensors(
  model: tf.LayersModel,
  file: string,
  options: SaveSafetensorsOptions,
): Promise<void> {
  checkPath(ACTION, 'file', file);
  if (!file.endsWith('.safetensors')) {
    throw rangeError(ACTION, 'the file name must end in .safetensors', 'file', file);
  }
  await writeFileAtomic(file, [encodeWeights(ACTION, model, options)]);
}
