/** Loads weights from the bytes of a safetensors file. */
import * as tf from '@tensorflow/tfjs';
import { checkBoolean, CorruptFileError, type Action } from '../../errors.js';
import { checkModel } from '../../support/check_model.js';
import { checkOptions, type OptionNames } from '../../support/check_options.js';
import { decodeSafetensors, type StoredTensor } from '../../support/safetensors.js';
import { isMatch, type WeightMismatch } from '../weight_mismatch.js';
import { FLOAT_TYPES, toFloat32 } from './float_values.js';
import { SafetensorsError } from './safetensors_error.js';
import { nameWeights, type NamedWeight, type NamedWeights, type TensorNaming } from './tensor_names.js';
import { fits, fromTensor, tensorShape } from './torch_layout.js';

/** Options of {@link loadSafetensors}. */
export interface LoadSafetensorsOptions extends TensorNaming {
  /** Loads the weights that match and skips the others. @default false */
  readonly skipMismatch?: boolean;
}

/** Result of {@link loadSafetensors}. */
export interface LoadedSafetensors extends WeightMismatch {
  /** Number of weights that were loaded. */
  readonly loaded: number;
}

const OPTIONS = {
  names: true,
  layout: true,
  skipMismatch: true,
} as const satisfies OptionNames<LoadSafetensorsOptions>;

/** Number of batches that a normalisation of PyTorch has seen, which inference does not use. */
const COUNTER = /(^|\.)num_batches_tracked$/;

/** Weights of a model and the options, checked. */
export interface LoadRequest extends NamedWeights {
  readonly action: Action;
  readonly skipMismatch: boolean;
}

/** Checks the arguments of loading, all but the file. */
export function readLoadRequest(action: Action, model: unknown, options: LoadSafetensorsOptions): LoadRequest {
  checkOptions(action, options, OPTIONS);
  const skipMismatch = checkBoolean(action, 'skipMismatch', options.skipMismatch ?? false);
  checkModel(action, model);
  return { action, skipMismatch, ...nameWeights(action, model, options) };
}

/** Loads the weights, all of them or none. */
export function loadTensors(request: LoadRequest, bytes: Uint8Array, file: string): LoadedSafetensors {
  const { action, layout, skipMismatch } = request;
  refusePickle(action, bytes, file);
  const { tensors } = decodeSafetensors(bytes, (rule): never => {
    throw new CorruptFileError(action, rule, file);
  });
  const { pairs, mismatch } = match(request, tensors);
  if (!skipMismatch && !isMatch(mismatch)) throw new SafetensorsError(action, mismatch, file);
  // All tensors are created before the first weight is changed.
  tf.tidy(() => {
    const values = pairs.map(({ weight, tensor }) => {
      const shape = weight.variable.shape as number[];
      return tf.tensor(fromTensor({ weight: weight.weight, shape }, toFloat32(tensor), layout), shape);
    });
    pairs.forEach(({ weight }, index) => {
      weight.variable.write(values[index]!);
    });
  });
  return { loaded: pairs.length, ...mismatch };
}

/** A weight and the tensor to load into it. */
interface Pair {
  readonly weight: NamedWeight;
  readonly tensor: StoredTensor;
}

function match(
  { weights, layout }: NamedWeights,
  tensors: readonly StoredTensor[],
): { readonly pairs: readonly Pair[]; readonly mismatch: WeightMismatch } {
  const left = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const pairs: Pair[] = [];
  const mismatch = { missing: [] as string[], unknown: [] as string[], misshapen: [] as string[] };
  for (const weight of weights) {
    const kernel = { ...weight, shape: weight.variable.shape as number[] };
    const wanted = describe(tensorShape(kernel, layout));
    const tensor = weight.tensor === undefined ? undefined : left.get(weight.tensor);
    if (tensor === undefined) {
      mismatch.missing.push(`${labelOf(weight)} ${wanted}`);
      continue;
    }
    left.delete(tensor.name);
    const { dtype, shape } = tensor;
    if (!FLOAT_TYPES.includes(dtype)) {
      mismatch.misshapen.push(`${labelOf(weight)} is ${dtype} in the file and must be ${FLOAT_TYPES.join(', ')}`);
    } else if (weight.variable.dtype !== 'float32') {
      mismatch.misshapen.push(`${labelOf(weight)} is ${weight.variable.dtype} in the model and must be float32`);
    } else if (!fits(kernel, layout, shape)) {
      mismatch.misshapen.push(`${labelOf(weight)} is ${describe(shape)} in the file and must be ${wanted}`);
    } else {
      pairs.push({ weight, tensor });
    }
  }
  const isKnown = ({ name }: StoredTensor): boolean => layout === 'torch' && COUNTER.test(name);
  const unknown = [...left.values()].filter((tensor) => !isKnown(tensor));
  mismatch.unknown.push(...unknown.map(({ name, shape }) => `${name} ${describe(shape)}`));
  return { pairs, mismatch };
}

/** Names of a weight: its own, and that of its tensor if it has another one. */
function labelOf({ path, tensor }: NamedWeight): string {
  return tensor === undefined || tensor === path ? path : `${path} (${tensor})`;
}

function describe(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}

/** Place of the name of the first file in a zip archive, and that name in an archive of Keras. */
const NAME_START = 30;
const KERAS_FIRST = 'metadata.json';

/** Refuses what `torch.save` writes: a zip archive, or a pickle, either of which can run any program when it is read. */
function refusePickle(action: Action, bytes: Uint8Array, file: string): void {
  const starts = (...start: readonly number[]): boolean => start.every((byte, index) => bytes[index] === byte);
  const isPickle = starts(0x50, 0x4b, 0x03, 0x04) || (starts(0x80) && bytes[1]! >= 2 && bytes[1]! <= 5);
  // The length of a header may look like either; the header itself follows it.
  if (!isPickle || bytes[8] === 0x7b) return;
  const isKeras = new TextDecoder().decode(bytes.subarray(NAME_START, NAME_START + KERAS_FIRST.length)) === KERAS_FIRST;
  const found = isKeras
    ? 'an archive of Keras (loadKeras and loadKerasWeights read it)'
    : `a pickle of PyTorch: convert it by ${CONVERT}`;
  throw new CorruptFileError(action, `the file must be safetensors, not ${found}`, file);
}

/** Line of a shell that converts a file. */
const CONVERT =
  `python -c "import sys, torch; from safetensors.torch import save_file; ` +
  `save_file({k: v.contiguous() for k, v in torch.load(sys.argv[1], weights_only=True).items()}, sys.argv[2])" in.pt out.safetensors`;
