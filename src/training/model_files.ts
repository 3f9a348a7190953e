/**
 * Models on the file system in the usual layers format of TensorFlow.js, `model.json` and `weights.bin`, without a
 * native backend. `tf.loadLayersModel` of a browser or of tfjs-node reads the same files.
 */
import { createHash } from 'node:crypto';
import { promises as fs } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { CorruptFileError, rangeError } from '../errors.js';
import { writeFileAtomic } from './atomic_file.js';

const ACTION = 'load the model';
const TOPOLOGY_FILE = 'model.json';
const WEIGHTS_FILE = 'weights.bin';

/** Bytes of one stored value; quantized weights are stored smaller than they are used. */
const BYTES = { float32: 4, int32: 4, complex64: 8, float16: 2, uint16: 2, uint8: 1, bool: 1 } as const;

/** The contents of model.json. */
interface ModelJson extends Omit<tf.io.ModelJSON, 'modelTopology'> {
  readonly modelTopology?: Record<string, unknown>;
  /** SHA-256 of the weights, which other readers ignore: a file that does not belong to this one is noticed. */
  readonly weightsChecksum?: string;
}

/**
 * A handler for `model.save()` and `tf.loadLayersModel()` that reads and writes a folder.
 *
 * @param location folder of the model, or its model.json (to load)
 */
export function fileHandler(location: string): tf.io.IOHandler {
  return {
    save: (artifacts) => saveArtifacts(artifacts, location),
    load: () => loadArtifacts(location),
  };
}

/**
 * Saves a model as `model.json` and `weights.bin`.
 *
 * @param model model to save
 * @param folder where to; it is created when it does not exist, and a model in it is replaced
 */
export async function saveModel(model: tf.LayersModel, folder: string): Promise<void> {
  await model.save(fileHandler(folder));
}

/**
 * Loads a model that `saveModel`, `model.save` or a converter wrote in the layers format.
 *
 * @param location folder of the model, or its model.json
 * @throws RangeError if there is no model; CorruptFileError if a file is damaged or of another format
 */
export async function loadModel(location: string): Promise<tf.LayersModel> {
  const artifacts = await loadArtifacts(location);
  try {
    return await tf.loadLayersModel(tf.io.fromMemory(artifacts));
  } catch (error) {
    const [reason] = (error as Error).message.split('\n');
    throw new CorruptFileError(ACTION, `its layers must be known and fit its weights (${reason})`, location);
  }
}

async function saveArtifacts(artifacts: tf.io.ModelArtifacts, folder: string): Promise<tf.io.SaveResult> {
  const { modelTopology, weightSpecs = [], weightData = [], ...rest } = artifacts;
  if (modelTopology === undefined || modelTopology instanceof ArrayBuffer) {
    throw rangeError('save the model', 'its topology must be JSON', 'modelTopology', typeof modelTopology);
  }
  const weights = new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData));
  const json = {
    modelTopology,
    ...rest,
    weightsManifest: [{ paths: [WEIGHTS_FILE], weights: weightSpecs }],
    weightsChecksum: checksum(weights),
  };
  await fs.mkdir(folder, { recursive: true });
  await writeFileAtomic(path.join(folder, WEIGHTS_FILE), [weights]);
  await writeFileAtomic(path.join(folder, TOPOLOGY_FILE), JSON.stringify(json));
  return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
}

async function loadArtifacts(location: string): Promise<tf.io.ModelArtifacts> {
  const file = await findTopology(location);
  const { modelTopology, weightsManifest, weightsChecksum, ...rest } = await readTopology(file);
  if (!modelTopology || !Array.isArray(weightsManifest)) {
    throw new CorruptFileError(ACTION, 'the file must hold a model in the layers format of TensorFlow.js', file);
  }
  const paths = weightsManifest.flatMap((group) => group.paths).map((name) => path.join(path.dirname(file), name));
  const weightSpecs = weightsManifest.flatMap((group) => group.weights);
  const weights = Buffer.concat(await Promise.all(paths.map(readWeights)));
  const expected = weightSpecs.reduce((total, spec) => total + byteLength(spec), 0);
  if (weights.length !== expected) {
    const rule = `the weights must have ${expected} bytes and have ${weights.length}`;
    throw new CorruptFileError(ACTION, rule, paths.at(-1) ?? file);
  }
  if (weightsChecksum !== undefined && weightsChecksum !== checksum(weights)) {
    throw new CorruptFileError(ACTION, 'the weights must be those that were saved (their checksum differs)', paths[0]!);
  }
  // A copy of its own: a small Buffer is a view of a shared pool.
  return { ...rest, modelTopology, weightSpecs, weightData: new Uint8Array(weights).buffer };
}

async function findTopology(location: string): Promise<string> {
  const stat = await fs.stat(location).catch(() => undefined);
  const file = stat?.isDirectory() ? path.join(location, TOPOLOGY_FILE) : location;
  if (!stat || !(await fs.stat(file).catch(() => undefined))?.isFile()) {
    throw rangeError(ACTION, `there must be a folder with ${TOPOLOGY_FILE}, or such a file`, 'path', location);
  }
  return file;
}

async function readTopology(file: string): Promise<ModelJson> {
  try {
    const json: unknown = JSON.parse(await fs.readFile(file, 'utf8'));
    if (typeof json === 'object' && json !== null) return json as ModelJson;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new CorruptFileError(ACTION, 'the file must be complete JSON', file);
}

async function readWeights(file: string): Promise<Buffer> {
  try {
    return await fs.readFile(file);
  } catch {
    throw new CorruptFileError(ACTION, 'the weights that model.json names must be readable', file);
  }
}

function byteLength({ name, shape, dtype, quantization }: tf.io.WeightsManifestEntry): number {
  const stored = quantization?.dtype ?? dtype;
  if (stored === 'string') throw rangeError(ACTION, 'weights must be numbers', `type of ${name}`, stored);
  return tf.util.sizeFromShape([...shape]) * BYTES[stored];
}

function checksum(weights: Uint8Array): string {
  return `sha256-${createHash('sha256').update(weights).digest('hex')}`;
}
