/**
 * Saves and loads models as files in the layers format of TensorFlow.js, `model.json` and `weights.bin`, without a native
 * backend. `tf.loadLayersModel` reads the same files in browsers and with tfjs-node.
 */
import { promises as fs } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { CorruptFileError, rangeError } from '../errors.js';
import { writeFileAtomic } from '../support/atomic_file.js';
import { fileError } from '../support/file_error.js';
import { makeFolder } from '../support/make_folder.js';
import { openRegularFile, readBytes, readRegularFile } from '../support/regular_file.js';
import { lockFolder } from './folder_lock.js';
import {
  decodeArtifacts,
  decodeModel,
  encodeArtifacts,
  MODEL_FILES,
  readWeightType,
  type EncodeModelOptions,
  type ModelSource,
} from './model_encoding.js';
import { ACTION } from './model_json.js';
import type { WeightType } from './weight_types.js';
import { checkPath } from '../support/check_path.js';
import { checkModel } from '../support/check_model.js';

const SAVE = 'save the model';
/** Temporary file for the new weights while those of the old model are replaced. */
const INTERIM_WEIGHTS = 'weights.new.bin';
/** Seconds to wait while another process saves to the same folder. */
const PATIENCE = 60;

/**
 * Creates a handler for `model.save()` and `tf.loadLayersModel()` that reads and writes a folder.
 *
 * @param location folder of the model; to load, the path of its model.json works too
 */
export function fileHandler(location: string): tf.io.IOHandler {
  return {
    save: (artifacts) => saveArtifacts(artifacts, location, 'float32'),
    load: () => readConsistently(location, decodeArtifacts),
  };
}

/**
 * Saves a model as `model.json` and `weights.bin`. If the process is killed meanwhile, either the old model or the new one
 * is left, complete; two processes that save at the same time take turns.
 *
 * @param model model to save
 * @param folder folder to save to; it is created if it does not exist, and a model in it is replaced
 * @param options type of the stored weights; see {@link EncodeModelOptions}
 * @throws FileAccessError if the file system refuses, for example because the disk is full; LockedFolderError if another
 * process has been saving to the folder for a minute
 */
export async function saveModel(
  model: tf.LayersModel,
  folder: string,
  options: EncodeModelOptions = {},
): Promise<void> {
  checkModel('save the model', model);
  checkPath('save the model', 'folder', folder);
  const type = readWeightType('save the model', options);
  await model.save({ save: (artifacts) => saveArtifacts(artifacts, folder, type) });
}

/**
 * Loads a model that `saveModel`, `model.save` or a converter wrote in the layers format.
 *
 * @param location folder of the model, or path of its model.json
 * @throws RangeError if there is no model; CorruptFileError if a file is corrupt or in another format
 */
export async function loadModel(location: string): Promise<tf.LayersModel> {
  checkPath('load the model', 'location', location);
  return readConsistently(location, decodeModel);
}

/**
 * Saves a model so that at every moment `model.json` names the complete weights that belong to it: a killed process leaves
 * either the old model or the new one, and a reader finds one of them.
 */
async function saveArtifacts(
  artifacts: tf.io.ModelArtifacts,
  folder: string,
  type: WeightType,
): Promise<tf.io.SaveResult> {
  const [topology, weights] = [path.join(folder, MODEL_FILES.topology), path.join(folder, MODEL_FILES.weights)];
  const interim = path.join(folder, INTERIM_WEIGHTS);
  await makeFolder(SAVE, folder).catch((error: unknown) => {
    throw fileError(SAVE, folder, error);
  });
  const lock = await lockFolder(SAVE, folder, PATIENCE);
  try {
    const encoded = await encodeArtifacts(artifacts, { type });
    // Weights named in model.json are never overwritten: it first switches to the new weights under a temporary name.
    if (await isNamed(topology, MODEL_FILES.weights)) {
      await writeFileAtomic(interim, [encoded.weights]);
      await writeFileAtomic(
        topology,
        (await encodeArtifacts(artifacts, { type, weightsFile: INTERIM_WEIGHTS })).topology,
      );
    }
    await writeFileAtomic(weights, [encoded.weights]);
    await writeFileAtomic(topology, encoded.topology);
  } finally {
    if (!(await isNamed(topology, INTERIM_WEIGHTS))) await fs.rm(interim, { force: true }).catch(() => undefined);
    await lock.release();
  }
  return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
}

/** Tests whether a model.json names a weights file; false if it is missing or contains no model. */
async function isNamed(topology: string, weights: string): Promise<boolean> {
  try {
    const { weightsManifest } = JSON.parse(await fs.readFile(topology, 'utf8')) as tf.io.ModelJSON;
    return weightsManifest.some(({ paths }) => paths.some((file) => path.normalize(file) === weights));
  } catch {
    return false;
  }
}

/**
 * Reads a model, and reads it again if another process has saved a new one in between, so that `model.json` has changed.
 */
async function readConsistently<T>(location: string, read: (source: ModelSource) => Promise<T>): Promise<T> {
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

/** Opens the files of a model. */
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
 * Resolves all links in the path of a weights file; undefined if there is no such file. Links may point only to the folder
 * of `model.json` or to the folder that its own link points to, as in download caches.
 */
async function resolveInside(topology: string, file: string): Promise<string | undefined> {
  const target = await fs.realpath(file).catch(() => undefined);
  if (target === undefined) return undefined;
  const folders = [await fs.realpath(path.dirname(topology)), path.dirname(await fs.realpath(topology))];
  if (folders.some((folder) => target.startsWith(folder.endsWith(path.sep) ? folder : `${folder}${path.sep}`))) {
    return target;
  }
  throw new CorruptFileError(ACTION, 'weight files must be in the folder of the model, even through links', file);
}

/** Reads a weights file, unless it is too long. */
async function readWeightFile(target: string, maxBytes: number, name: string): Promise<Uint8Array> {
  return openRegularFile(ACTION, target, async ({ handle, size }) => {
    if (size <= maxBytes) return readBytes(handle, 0, size);
    throw new CorruptFileError(ACTION, `the weights must have ${maxBytes} bytes here, but have ${size}`, name);
  });
}

async function findTopology(location: string): Promise<string> {
  const stat = await fs.stat(location).catch(() => undefined);
  const file = stat?.isDirectory() ? path.join(location, MODEL_FILES.topology) : location;
  if (!stat || !(await fs.stat(file).catch(() => undefined))?.isFile()) {
    const rule = `there must be a ${MODEL_FILES.topology}, or a folder with one`;
    throw rangeError('load the model', rule, 'path', location);
  }
  return file;
}
