/**
 * Models in the usual layers format of TensorFlow.js as the contents of two files, `model.json` and `weights.bin`, wherever
 * they are kept. `tf.loadLayersModel` reads them.
 */
import * as tf from '@tensorflow/tfjs';
import { CorruptFileError, rangeError } from '../errors.js';
import { ACTION, readModelJson, writeModelJson, type ModelJson } from './model_json.js';
import { joinBytes, sha256Hex } from './sha256.js';
import { WeightBudgetError, withinBudget } from './weight_budget.js';

/** Length of what the host says, as far as an error repeats it. */
const MAX_REASON = 240;

/** The names of the two files. */
export const MODEL_FILES = { topology: 'model.json', weights: 'weights.bin' } as const;

/** The contents of the two files of a model. */
export interface EncodedModel {
  /** Text of `model.json`, which names `weights.bin`. */
  readonly topology: string;
  /** Bytes of `weights.bin`. */
  readonly weights: Uint8Array;
}

/** Where the files of a model come from. */
export interface ModelSource {
  /** What errors call the file of the topology. */
  readonly name: string;
  /** Text of `model.json`. */
  readonly topology: string;
  /**
   * The bytes of a file of weights.
   *
   * @param file its name as `model.json` has it: relative, and below the folder of `model.json`
   * @param maxBytes most bytes that it can have; a longer one does not fit the model and need not be read
   * @returns undefined where there is none
   */
  readonly readWeights: (file: string, maxBytes: number) => Promise<Uint8Array | undefined>;
  /** What errors call a file of weights. @default its name */
  readonly pathOf?: (file: string) => string;
}

/**
 * A model as the contents of its two files.
 *
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
export async function encodeModel(model: tf.LayersModel): Promise<EncodedModel> {
  let encoded: EncodedModel | undefined;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      encoded = await encodeArtifacts(artifacts);
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
    }),
  );
  return encoded!;
}

/**
 * The model of two files; the example of `encodeModel` shows both.
 *
 * @throws CorruptFileError if a file is missing, damaged or of another format
 */
export async function decodeModel(source: ModelSource): Promise<tf.LayersModel> {
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
  return `its layers must be known and fit its weights (${reason})`;
}

/**
 * What `model.save()` hands to its handler, as the contents of two files.
 *
 * @param artifacts the model
 * @param weightsFile what `model.json` calls the file of the weights
 */
export async function encodeArtifacts(
  artifacts: tf.io.ModelArtifacts,
  weightsFile: string = MODEL_FILES.weights,
): Promise<EncodedModel> {
  const { modelTopology, weightSpecs = [], weightData = [], ...rest } = artifacts;
  if (modelTopology === undefined || modelTopology instanceof ArrayBuffer) {
    throw rangeError('save the model', 'its topology must be JSON', 'modelTopology', typeof modelTopology);
  }
  const weights = new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData));
  const topology = await writeModelJson({
    modelTopology,
    ...rest,
    weightsManifest: [{ paths: [weightsFile], weights: weightSpecs }],
    weightsChecksum: await checksum(weights),
  });
  return { topology, weights };
}

/** The contents of two files, checked, as `tf.loadLayersModel` takes them. */
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
        const rule = `the weights that ${MODEL_FILES.topology} names must be readable`;
        throw new CorruptFileError(ACTION, rule, pathOf(file));
      }
      parts.push(part);
      left -= part.length;
    }
    if (left !== 0) {
      const rule = `the weights must have ${bytes} bytes and have ${bytes - left}`;
      throw new CorruptFileError(ACTION, rule, pathOf(paths[0] ?? name));
    }
  }
  const weights = joinBytes(parts);
  if (weightsChecksum !== undefined && weightsChecksum !== (await checksum(weights))) {
    const rule = 'the weights must be those that were saved (their checksum differs)';
    throw new CorruptFileError(ACTION, rule, pathOf(groups[0]?.paths[0] ?? name));
  }
  return { ...rest, weightSpecs: groups.flatMap((group) => group.weights), weightData: weights.buffer };
}

async function checksum(weights: Uint8Array): Promise<string> {
  return `sha256-${await sha256Hex(weights)}`;
}
