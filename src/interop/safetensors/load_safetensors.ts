/** Loads weights from safetensors files, in Node. */
import type * as tf from '@tensorflow/tfjs';
import { readContents } from '../keras_contents.js';
import { loadTensors, readLoadRequest, type LoadedSafetensors, type LoadSafetensorsOptions } from './load_tensors.js';

const ACTION = 'load safetensors';

/**
 * Loads weights by name from a safetensors file, the format in which PyTorch's networks are published.
 *
 * With `names: 'torchvision'` or `'timm'`, the tensors are those of that library's network: of `mobileNetV2`,
 * `mobileNetV3Small`, `mobileNetV3Large` and `resNeXt50`, and with `'torchvision'` also of `shuffleNetV2` and
 * `squeezeNet`. Build the network with `variant: 'torchvision'` or `'timm'` where it has that option, and it computes what the
 * library's computes. Kernels are brought from PyTorch's order of axes to this package's.
 *
 * Types F32, F16, BF16 and F64 are read; `num_batches_tracked` is ignored. All weights are loaded, or none: missing, unknown
 * and misshapen tensors are one error. In a browser, pass the bytes of the file.
 *
 * @param model built model, of layers of this package or of TensorFlow.js
 * @param file path or contents of the file
 * @param options names of the tensors; see {@link LoadSafetensorsOptions}
 * @returns number of weights that were loaded and, with `skipMismatch`, lists of those that were skipped
 * @throws SafetensorsError, whose `mismatch` lists all tensors that are unknown, missing or of another shape, unless
 *   `skipMismatch` is true; CorruptFileError if the file is corrupt or in another format, such as a pickle; RangeError if
 *   there is no such file, or the names are not those of the model's weights
 * @see https://huggingface.co/docs/safetensors
 * @example
 * ```ts
 * import { exportSafetensors, loadSafetensors } from 'tfjs-convolutions/interop';
 *
 * const options = { variant: 'torchvision' as const, inputShape: [32, 32, 3], classes: 10 };
 * const bytes = exportSafetensors(conv.mobileNetV2(options), { names: 'torchvision' });
 * const model = conv.mobileNetV2(options);
 * const { loaded } = await loadSafetensors(model, bytes, { names: 'torchvision' });
 * console.log(loaded); // 262
 * ```
 */
export async function loadSafetensors(
  model: tf.LayersModel,
  file: string | Uint8Array | ArrayBuffer,
  options: LoadSafetensorsOptions,
): Promise<LoadedSafetensors> {
  const request = readLoadRequest(ACTION, model, options);
  const { bytes, name } = await readContents(ACTION, file);
  return loadTensors(request, bytes, name);
}
