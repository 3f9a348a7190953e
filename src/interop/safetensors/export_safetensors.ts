/** Weights of a model as a safetensors file. */
import type * as tf from '@tensorflow/tfjs';
import { checkOneOf, rangeError, type Action } from '../../errors.js';
import { checkModel } from '../../support/check_model.js';
import { checkOptions, type OptionNames } from '../../support/check_options.js';
import { encodeSafetensors, type StoredTensor } from '../../support/safetensors.js';
import { LARGEST_HALF } from '../onnx/half.js';
import { toHalves } from './float_values.js';
import { nameWeights, type KernelLayout, type NamedWeight, type TensorNaming } from './tensor_names.js';
import { toTensor } from './torch_layout.js';

/** Options of {@link exportSafetensors} and of saveSafetensors. */
export interface SaveSafetensorsOptions extends TensorNaming {
  /** Type in which kernels are stored. @default 'float32' */
  readonly weights?: 'float32' | 'float16';
}

const OPTIONS = { names: true, layout: true, weights: true } as const satisfies OptionNames<SaveSafetensorsOptions>;

/**
 * Weights of a model as the bytes of a safetensors file, by the names of {@link loadSafetensors}.
 *
 * In PyTorch, `model.load_state_dict(safetensors.torch.load_file('model.safetensors'))` loads it: kernels are in PyTorch's order
 * of axes, and each batch normalisation has a `num_batches_tracked`, of 0.
 *
 * @param model built model, of layers of this package or of TensorFlow.js
 * @param options names of the tensors, and the type of kernels; see {@link SaveSafetensorsOptions}
 * @returns the bytes of the file
 * @throws RangeError if a weight has no name or is no float32, or a kernel is too large for float16; TypeError for a wrong
 * kind
 * @see https://huggingface.co/docs/safetensors
 * @example
 * ```ts
 * import { exportSafetensors } from 'tfjs-convolutions/interop';
 *
 * const model = conv.squeezeNet({ inputShape: [64, 64, 3], classes: 10 });
 * const bytes = exportSafetensors(model, { names: 'torchvision', weights: 'float16' });
 * console.log(bytes.length < 1.5e6); // true
 * ```
 */
export function exportSafetensors(model: tf.LayersModel, options: SaveSafetensorsOptions): Uint8Array {
  return encodeWeights('export to safetensors', model, options);
}

/** Checks model and options, and encodes the weights. */
export function encodeWeights(action: Action, model: unknown, options: SaveSafetensorsOptions): Uint8Array {
  checkOptions(action, options, OPTIONS);
  const type = checkOneOf(action, 'weights', options.weights ?? 'float32', ['float32', 'float16']);
  checkModel(action, model);
  const { weights, layout } = nameWeights(action, model, options);
  const nameless = weights.filter(({ tensor }) => tensor === undefined).map(({ path }) => path);
  if (nameless.length > 0) throw rangeError(action, 'every weight must have a name', 'weights without', nameless);
  const tensors = weights.flatMap((weight) => {
    const tensor = encodeWeight(action, weight, layout, type === 'float16');
    return layout === 'torch' && isVarianceOfModule(weight) ? [tensor, counterBeside(tensor)] : [tensor];
  });
  return encodeSafetensors({ metadata: layout === 'torch' ? { format: 'pt' } : {}, tensors });
}

function encodeWeight(action: Action, weight: NamedWeight, layout: KernelLayout, isHalf: boolean): StoredTensor {
  const { variable, path } = weight;
  if (variable.dtype !== 'float32') {
    throw rangeError(action, 'weights must be float32, not packed in half precision', path, variable.dtype);
  }
  const own = variable.read().dataSync() as Float32Array;
  const { shape, values } = toTensor({ ...weight, shape: variable.shape as number[] }, own, layout);
  const name = weight.tensor!;
  if (!isHalf || own.length === 0 || variable.shape.length < 2) {
    return { name, dtype: 'F32', shape, bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) };
  }
  const tooLarge = values.find((value) => Math.abs(value) > LARGEST_HALF);
  if (tooLarge !== undefined) {
    throw rangeError(action, `kernels must be at most ${LARGEST_HALF} for float16`, path, tooLarge);
  }
  return { name, dtype: 'F16', shape, bytes: toHalves(values) };
}

/** True for the variance of a normalisation that is a module of its own, also where several are one layer here. */
function isVarianceOfModule({ weight, tensor }: NamedWeight): boolean {
  return weight === 'moving_variance' || tensor!.endsWith('.running_var');
}

/** The number of batches that a normalisation has seen, beside its `running_var`. */
function counterBeside({ name }: StoredTensor): StoredTensor {
  return { name: `${name.slice(0, name.lastIndexOf('.') + 1)}num_batches_tracked`, dtype: 'I64', shape: [], bytes: new Uint8Array(8) }; // prettier-ignore
}
