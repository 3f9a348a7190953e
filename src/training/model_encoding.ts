/**
 * Encodes models in the layers format of TensorFlow.js, as the contents of two files that can be stored anywhere:
 * `model.json` and `weights.bin`. `tf.loadLayersModel` reads them.
 */
import * as tf from '@tensorflow/tfjs';
import { checkOneOf, CorruptFileError, rangeError, type Action } from '../errors.js';
import { ACTION, readModelJson, writeModelJson, type ModelJson } from './model_json.js';
import { joinBytes, sha256Hex } from './sha256.js';
import { WeightBudgetError, withinBudget } from './weight_budget.js';
import { storeWeights } from './store_weights.js';
import { checkFields } from '../support/check_fields.js';
import { WEIGHT_TYPES, type WeightType } from './weight_types.js';
import { checkModel } from '../support/check_model.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';

/** Most characters of the host's message to repeat in an error. */
const MAX_REASON = 240;

/** Names of the two files. */
export const MODEL_FILES = { topology: 'model.json', weights: 'weights.bin' } as const;

/** Options of `encodeModel` and `saveModel`. */
export interface EncodeModelOptions {
  /**
   * Type in which weights are stored: `'float16'` halves the file, `'uint8'` stores kernels in a quarter of the bytes, each
   * tensor in 256 steps from its least to its largest value. They are float32 again when the model is loaded.
   * @default 'float32'
   */
  readonly weights?: WeightType;
}

const OPTIONS: OptionNames<EncodeModelOptions> = { weights: true };

/** Contents of the two files of a model. */
export interface EncodedModel {
  /** Text of `model.json`, which names `weights.bin`. */
  readonly topology: string;
  /** Bytes of `weights.bin`. */
  readonly weights: Uint8Array;
}

/** Access to the files of a model. */
export interface ModelSource {
  /** Name of the topology file in errors. */
  readonly name: string;
  /** Text of `model.json`. */
  readonly topology: string;
  /**
   * Reads a weights file.
   *
   * @param file path of the file in `model.json`: relative, and inside the folder of `model.json`
   * @param maxBytes largest length that fits the model; a longer file need not be read
   * @returns contents of the file, or undefined if it does not exist
   */
  readonly readWeights: (file: string, maxBytes: number) => Promise<Uint8Array | undefined>;
  /** Name of a weights file in errors. @default its path in `model.json` */
  readonly pathOf?: (file: string) => string;
}

/**
 * Encodes a model as the contents of two files.
 *
 * @param model model to encode
 * @param options type of the stored weights; see {@link EncodeModelOptions}
 * @returns contents of `model.json` and `weights.bin`
 * @example
 * ```ts
 * import { decodeModel, encodeModel } from 'tfjs-convolutions/training';
 *
 * const model = conv.mobileNetV1({ alpha: 0.125, inputShape: [32, 32, 3], classes: 2 });
 * const { topology, weights } = await encodeModel(model);
 * console.log(weights.length === 4 * model.countParams()); // true
 * const copy = await decodeModel({ name: 'model.json', topology, readWeights: () => Promise.resolve(weights) });
 * console.log(copy.countParams() === model.countParams()); // true
 * ```
 */
export async function encodeModel(model: tf.LayersModel, options: EncodeModelOptions = {}): Promise<EncodedModel> {
  checkModel('encode the model', model);
  const type = readWeightType('encode the model', options);
  let encoded: EncodedModel | undefined;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      encoded = await encodeArtifacts(artifacts, { type });
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
    }),
  );
  return encoded!;
}

/**
 * Decodes a model from its two files; see the example of `encodeModel`.
 *
 * @param source contents of `model.json`, and a function that reads weights files
 * @returns the model
 * @throws CorruptFileError if a file is missing, corrupt or in another format
 */
export async function decodeModel(source: ModelSource): Promise<tf.LayersModel> {
  checkFields(ACTION, 'source', source, 'an encoded model', ['topology', 'name']);
  const json = await readModelJson(source.topology, source.name);
  const artifacts = await readArtifacts(json, source);
  try {
    return await withinBudget(json.values, () => tf.loadLayersModel({ load: () => Promise.resolve(artifacts) }));
  } catch (error) {
    throw new CorruptFileError(ACTION, explain(error as Error), source.name);
  }
}

function explain(error: Error): string {
  if (error instanceof WeightBudgetError) return error.message;
  const [line = ''] = error.message.split('\n');
  const reason = line.length > MAX_REASON ? `${line.slice(0, MAX_REASON)}…` : line;
  return `its layers must be known and match its weights (${reason})`;
}

/** Reads the options of functions that store models. */
export function readWeightType(action: Action, options: EncodeModelOptions): WeightType {
  checkOptions(action, options, OPTIONS);
  return checkOneOf(action, 'weights', options.weights ?? 'float32', WEIGHT_TYPES);
}

/**
 * Encodes the artifacts that `model.save()` passes to its handler.
 *
 * @param artifacts artifacts of the model
 * @param weightsFile name of the weights file in `model.json`
 * @param type type of the stored weights
 */
export async function encodeArtifacts(
  artifacts: tf.io.ModelArtifacts,
  {
    weightsFile = MODEL_FILES.weights,
    type = 'float32',
  }: { readonly weightsFile?: string; readonly type?: WeightType } = {},
): Promise<EncodedModel> {
  const { modelTopology, weightSpecs = [], weightData = [], ...rest } = artifacts;
  if (modelTopology === undefined || modelTopology instanceof ArrayBuffer) {
    throw rangeError('save the model', 'its topology must be JSON', 'modelTopology', typeof modelTopology);
  }
  const values = new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData));
  const { entries, bytes: weights } = storeWeights(weightSpecs, values, type);
  const topology = await writeModelJson({
    modelTopology,
    ...rest,
    weightsManifest: [{ paths: [weightsFile], weights: entries }],
    weightsChecksum: await checksum(weights),
  });
  return { topology, weights };
}

/** Decodes and checks two files, as artifacts for `tf.loadLayersModel`. */
export async function decodeArtifacts(source: ModelSource): Promise<tf.io.ModelArtifacts> {
  return readArtifacts(await readModelJson(source.topology, source.name), source);
}

async function readArtifacts(
  { groups, weightsChecksum, rest }: ModelJson,
  { name, readWeights, pathOf = (file: string) => file }: ModelSource,
): Promise<tf.io.ModelArtifacts> {
  const parts: Uint8Array[] = [];
  for (const { paths, bytes } of groups) {
    let left = bytes;
    for (const file of paths) {
      const part = await readWeights(file, left);
      if (!part) {
        const rule = `the weights file named in ${MODEL_FILES.topology} must be readable`;
        throw new CorruptFileError(ACTION, rule, pathOf(file));
      }
      parts.push(part);
      left -= part.length;
    }
    if (left !== 0) {
      const rule = `the weights must have ${bytes} bytes, but have ${bytes - left}`;
      throw new CorruptFileError(ACTION, rule, pathOf(paths[0] ?? name));
    }
  }
  const weights = joinBytes(parts);
  if (weightsChecksum !== undefined && weightsChecksum !== (await checksum(weights))) {
    const rule = 'the weights must be unchanged since they were saved (their checksum differs)';
    throw new CorruptFileError(ACTION, rule, pathOf(groups[0]?.paths[0] ?? name));
  }
  return { ...rest, weightSpecs: groups.flatMap((group) => group.weights), weightData: weights.buffer };
}

async function checksum(weights: Uint8Array): Promise<string> {
  return `sha256-${await sha256Hex(weights)}`;
}
