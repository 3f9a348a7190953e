/**
 * Models in the usual layers format of TensorFlow.js as the contents of two files, `model.json` and `weights.bin`, wherever
 * they are kept. `tf.loadLayersModel` reads them.
 */
import * as tf from '@tensorflow/tfjs';
import { CorruptFileError, rangeError } from '../errors.js';
import { joinBytes, sha256Hex } from './sha256.js';

const ACTION = 'load the model';

/** The names of the two files. */
export const MODEL_FILES = { topology: 'model.json', weights: 'weights.bin' } as const;

/** Bytes of one stored value; quantized weights are stored smaller than they are used. */
const BYTES = { float32: 4, int32: 4, complex64: 8, float16: 2, uint16: 2, uint8: 1, bool: 1 } as const;

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
   * @param file its name as `model.json` has it
   * @returns undefined where there is none
   */
  readonly readWeights: (file: string) => Promise<Uint8Array | undefined>;
  /** What errors call a file of weights. @default its name */
  readonly pathOf?: (file: string) => string;
}

/** The contents of model.json. */
interface ModelJson extends Omit<tf.io.ModelJSON, 'modelTopology'> {
  readonly modelTopology?: Record<string, unknown>;
  /** SHA-256 of the weights, which other readers ignore: a file that does not belong to this one is noticed. */
  readonly weightsChecksum?: string;
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
  const artifacts = await decodeArtifacts(source);
  try {
    return await tf.loadLayersModel(tf.io.fromMemory(artifacts));
  } catch (error) {
    const [reason] = (error as Error).message.split('\n');
    throw new CorruptFileError(ACTION, `its layers must be known and fit its weights (${reason})`, source.name);
  }
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
  const json = {
    modelTopology,
    ...rest,
    weightsManifest: [{ paths: [weightsFile], weights: weightSpecs }],
    weightsChecksum: await checksum(weights),
  };
  return { topology: JSON.stringify(json), weights };
}

/** The contents of two files, checked, as `tf.loadLayersModel` takes them. */
export async function decodeArtifacts(source: ModelSource): Promise<tf.io.ModelArtifacts> {
  const { name, topology, readWeights, pathOf = (file: string) => file } = source;
  const { modelTopology, weightsManifest, weightsChecksum, ...rest } = parse(topology, name);
  if (!modelTopology || !Array.isArray(weightsManifest)) {
    throw new CorruptFileError(ACTION, 'the file must hold a model in the layers format of TensorFlow.js', name);
  }
  const files = weightsManifest.flatMap((group) => group.paths);
  const weightSpecs = weightsManifest.flatMap((group) => group.weights);
  const parts = await Promise.all(
    files.map(async (file) => {
      const bytes = await readWeights(file);
      if (bytes) return bytes;
      throw new CorruptFileError(
        ACTION,
        `the weights that ${MODEL_FILES.topology} names must be readable`,
        pathOf(file),
      );
    }),
  );
  const weights = joinBytes(parts);
  const expected = weightSpecs.reduce((total, spec) => total + byteLength(spec), 0);
  const [first = name] = files.map(pathOf);
  if (weights.length !== expected) {
    const rule = `the weights must have ${expected} bytes and have ${weights.length}`;
    throw new CorruptFileError(ACTION, rule, first);
  }
  if (weightsChecksum !== undefined && weightsChecksum !== (await checksum(weights))) {
    throw new CorruptFileError(ACTION, 'the weights must be those that were saved (their checksum differs)', first);
  }
  return { ...rest, modelTopology, weightSpecs, weightData: weights.buffer };
}

function parse(topology: string, name: string): ModelJson {
  try {
    const json: unknown = JSON.parse(topology);
    if (typeof json === 'object' && json !== null) return json as ModelJson;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new CorruptFileError(ACTION, 'the file must be complete JSON', name);
}

function byteLength({ name, shape, dtype, quantization }: tf.io.WeightsManifestEntry): number {
  const stored = quantization?.dtype ?? dtype;
  if (stored === 'string') throw rangeError(ACTION, 'weights must be numbers', `type of ${name}`, stored);
  return tf.util.sizeFromShape([...shape]) * BYTES[stored];
}

async function checksum(weights: Uint8Array): Promise<string> {
  return `sha256-${await sha256Hex(weights)}`;
}
