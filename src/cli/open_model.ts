/** Opens a saved model and finds the record of the run that trained it. */
import { promises as fs } from 'node:fs';
import path from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import { loadKeras } from '../interop/load_keras.js';
import { loadOnnx } from '../interop/onnx/import/load_onnx.js';
import { loadModel } from '../training/model_files.js';
import { REPLACED_FOLDER } from './replaced_run.js';
import { readRecord, RUN_FILES, isRunName, type RunRecord } from './run_record.js';

/** Loads a model from the folder of a run, the folder of a model, a model.json, an ONNX file, or a file of Keras. */
export async function openModel(location: string): Promise<tf.LayersModel> {
  if (/\.onnx$/i.test(location)) return loadOnnx(location);
  if (/\.(keras|h5|hdf5)$/i.test(location)) return loadKeras(location);
  const inRun = path.join(location, RUN_FILES.model);
  if (await isFolder(inRun)) return loadModel(inRun);
  if (await isUnfinished(location)) {
    const rule = `the run must have finished (continue it with: tfjs-convolutions train --resume --out ${location})`;
    throw new Error(`Cannot load the model: ${rule}, received folder = '${location}'`);
  }
  if (!/\.json$/i.test(location) && (await isFile(location))) {
    const rule = 'the model must be a folder, a model.json, a file of Keras (.keras, .h5) or an .onnx file';
    throw new Error(`Cannot load the model: ${rule}, received path = '${location}'`);
  }
  return loadModel(location);
}

/**
 * Finds the record of the run that trained a model; undefined for a model that was moved out of its run's folder or was
 * not trained by a run.
 *
 * @param location path that was passed to {@link openModel}
 * @param run unique ID of the run in the model's metadata
 */
export async function findRecord(location: string, run: string | undefined): Promise<RunRecord | undefined> {
  if (!isRunName(run)) return undefined;
  const folder = path.resolve(location);
  for (const candidate of [folder, path.dirname(folder), path.dirname(path.dirname(folder))]) {
    // While a run replaces another one, the folder holds the new record beside the old model.
    for (const recordFolder of [candidate, path.join(candidate, REPLACED_FOLDER, run)]) {
      const record = await readRecord('evaluate', recordFolder);
      if (record?.run === run) return record;
    }
  }
  return undefined;
}

async function isFolder(location: string): Promise<boolean> {
  return (await fs.stat(location).catch(() => undefined))?.isDirectory() ?? false;
}

async function isFile(location: string): Promise<boolean> {
  return (await fs.stat(location).catch(() => undefined))?.isFile() ?? false;
}

/** Tests for a folder with a checkpoint but no model. */
async function isUnfinished(location: string): Promise<boolean> {
  const names: readonly string[] = await fs.readdir(location).catch(() => []);
  return names.includes(RUN_FILES.checkpoint) && !names.includes('model.json');
}
