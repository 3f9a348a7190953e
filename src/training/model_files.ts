/**
 * Models on the file system in the usual layers format of TensorFlow.js, `model.json` and `weights.bin`, without a
 * native backend. `tf.loadLayersModel` of a browser or of tfjs-node reads the same files.
 */
import { promises as fs } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { rangeError } from '../errors.js';
import { writeFileAtomic } from './atomic_file.js';
import { decodeArtifacts, decodeModel, encodeArtifacts, MODEL_FILES, type ModelSource } from './model_encoding.js';

/**
 * A handler for `model.save()` and `tf.loadLayersModel()` that reads and writes a folder.
 *
 * @param location folder of the model, or its model.json (to load)
 */
export function fileHandler(location: string): tf.io.IOHandler {
  return {
    save: (artifacts) => saveArtifacts(artifacts, location),
    load: async () => decodeArtifacts(await openSource(location)),
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
  return decodeModel(await openSource(location));
}

async function saveArtifacts(artifacts: tf.io.ModelArtifacts, folder: string): Promise<tf.io.SaveResult> {
  const { topology, weights } = await encodeArtifacts(artifacts);
  await fs.mkdir(folder, { recursive: true });
  await writeFileAtomic(path.join(folder, MODEL_FILES.weights), [weights]);
  await writeFileAtomic(path.join(folder, MODEL_FILES.topology), topology);
  return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
}

/** The files of a model where they lie. */
async function openSource(location: string): Promise<ModelSource> {
  const file = await findTopology(location);
  const pathOf = (name: string): string => path.join(path.dirname(file), name);
  return {
    name: file,
    topology: await fs.readFile(file, 'utf8'),
    readWeights: (name) => fs.readFile(pathOf(name)).catch(() => undefined),
    pathOf,
  };
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
