/**
 * Models on the file system in the usual layers format of TensorFlow.js, `model.json` and `weights.bin`, without a
 * native backend. `tf.loadLayersModel` of a browser or of tfjs-node reads the same files.
 */
import { promises as fs } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { CorruptFileError, rangeError } from '../errors.js';
import { writeFileAtomic } from '../support/atomic_file.js';
import { fileError } from '../support/file_error.js';
import { openRegularFile, readBytes, readRegularFile } from '../support/regular_file.js';
import { lockFolder } from './folder_lock.js';
import { decodeArtifacts, decodeModel, encodeArtifacts, MODEL_FILES, type ModelSource } from './model_encoding.js';
import { ACTION } from './model_json.js';

const SAVE = 'save the model';
/** Holds the new weights while those of the old model are replaced. */
const INTERIM_WEIGHTS = 'weights.new.bin';
/** Seconds to wait for another process that saves to the same folder. */
const PATIENCE = 60;

/**
 * A handler for `model.save()` and `tf.loadLayersModel()` that reads and writes a folder.
 *
 * @param location folder of the model, or its model.json (to load)
 */
export function fileHandler(location: string): tf.io.IOHandler {
  return {
    save: (artifacts) => saveArtifacts(artifacts, location),
    load: () => readUndisturbed(location, decodeArtifacts),
  };
}

/**
 * Saves a model as `model.json` and `weights.bin`. A process that is killed meanwhile leaves the model that was there or the new one; two that save at once take turns.
 *
 * @param model model to save
 * @param folder where to; it is created when it does not exist, and a model in it is replaced
 * @throws FileAccessError if the disk is full or read-only and the like; LockedFolderError if another process has been
 * saving there for a minute
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
  return readUndisturbed(location, decodeModel);
}

/**
 * Saves so that at every moment `model.json` names complete weights, its own: a process that is killed leaves the old
 * model or the new one, and a reader finds one of them.
 */
async function saveArtifacts(artifacts: tf.io.ModelArtifacts, folder: string): Promise<tf.io.SaveResult> {
  const [topology, weights] = [path.join(folder, MODEL_FILES.topology), path.join(folder, MODEL_FILES.weights)];
  const interim = path.join(folder, INTERIM_WEIGHTS);
  await fs.mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw fileError(SAVE, folder, error);
  });
  const lock = await lockFolder(SAVE, folder, PATIENCE);
  try {
    const encoded = await encodeArtifacts(artifacts);
    // Weights that model.json names are never written over: it is led to the new ones by way of another name.
    if (await isNamed(topology, MODEL_FILES.weights)) {
      await writeFileAtomic(interim, [encoded.weights]);
      await writeFileAtomic(topology, (await encodeArtifacts(artifacts, INTERIM_WEIGHTS)).topology);
    }
    await writeFileAtomic(weights, [encoded.weights]);
    await writeFileAtomic(topology, encoded.topology);
  } finally {
    if (!(await isNamed(topology, INTERIM_WEIGHTS))) await fs.rm(interim, { force: true }).catch(() => undefined);
    await lock.release();
  }
  return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
}

/** Whether a model.json names a file of weights; it names none where it is missing or holds no model. */
async function isNamed(topology: string, weights: string): Promise<boolean> {
  try {
    const { weightsManifest } = JSON.parse(await fs.readFile(topology, 'utf8')) as tf.io.ModelJSON;
    return weightsManifest.some(({ paths }) => paths.some((file) => path.normalize(file) === weights));
  } catch {
    return false;
  }
}

/**
 * What `read` makes of a model. Between its two files another process may have saved another model: where `model.json`
 * has changed since, it is read again.
 */
async function readUndisturbed<T>(location: string, read: (source: ModelSource) => Promise<T>): Promise<T> {
  for (;;) {
    const source = await openSource(location);
    try {
      return await read(source);
    } catch (error) {
      const now = await fs.readFile(source.name, 'utf8').catch(() => undefined);
      if (now === undefined || now === source.topology) throw error;
    }
  }
}

/** The files of a model where they lie. */
async function openSource(location: string): Promise<ModelSource> {
  const file = await findTopology(location);
  const pathOf = (name: string): string => path.join(path.dirname(file), name);
  return {
    name: file,
    topology: (await readRegularFile(ACTION, file)).toString('utf8'),
    readWeights: async (name, maxBytes) => {
      const target = await resolveInside(file, pathOf(name));
      return target === undefined ? undefined : readWeightFile(target, maxBytes, pathOf(name));
    },
    pathOf,
  };
}

/**
 * Where a file of weights lies, after all links; undefined where there is none. Links may lead to where that of the
 * `model.json` leads, as in stores of downloads, and nowhere else.
 */
async function resolveInside(topology: string, file: string): Promise<string | undefined> {
  const target = await fs.realpath(file).catch(() => undefined);
  if (target === undefined) return undefined;
  const folders = [await fs.realpath(path.dirname(topology)), path.dirname(await fs.realpath(topology))];
  if (folders.some((folder) => target.startsWith(folder.endsWith(path.sep) ? folder : `${folder}${path.sep}`)))
    return target;
  throw new CorruptFileError(ACTION, 'files of weights must lie in the folder of the model, links included', file);
}

/** The file, or no more of it than tells that it is too long. */
async function readWeightFile(target: string, maxBytes: number, name: string): Promise<Uint8Array> {
  return openRegularFile(ACTION, target, async ({ handle, size }) => {
    if (size <= maxBytes) return readBytes(handle, 0, size);
    throw new CorruptFileError(ACTION, `the weights must have ${maxBytes} bytes here and have ${size}`, name);
  });
}

async function findTopology(location: string): Promise<string> {
  const stat = await fs.stat(location).catch(() => undefined);
  const file = stat?.isDirectory() ? path.join(location, MODEL_FILES.topology) : location;
  if (!stat || !(await fs.stat(file).catch(() => undefined))?.isFile()) {
    const rule = `there must be a folder with ${MODEL_FILES.topology}, or such a file`;
    throw rangeError('load the model', rule, 'path', location);
  }
  return file;
}
