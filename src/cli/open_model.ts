/** Opens a saved model where the command line says, and finds what its training noted. */
import { promises as fs } from 'node:fs';
import path from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import { loadModel } from '../training/model_files.js';
import { REPLACED_FOLDER } from './replaced_run.js';
import { readRecord, RUN_FILES, isRunName, type RunRecord } from './run_record.js';

/** The model of a run's folder, of a model's folder, or of a model.json. */
export async function openModel(location: string): Promise<tf.LayersModel> {
  const inRun = path.join(location, RUN_FILES.model);
  if (await isFolder(inRun)) return loadModel(inRun);
  if (await isUnfinished(location)) {
    const rule = `the run must have finished (continue it with: tfjs-convolutions train --resume --out ${location})`;
    throw new Error(`Cannot load the model: ${rule}, received folder = '${location}'`);
  }
  return loadModel(location);
}

/**
 * The record of the run that a model is of, from the folder of the run; undefined for a model that was taken out of it, or
 * that no run wrote.
 *
 * @param location what `openModel` was given
 * @param run unique name of the run, which the model notes
 */
export async function findRecord(location: string, run: string | undefined): Promise<RunRecord | undefined> {
  if (!isRunName(run)) return undefined;
  const folder = path.resolve(location);
  for (const candidate of [folder, path.dirname(folder), path.dirname(path.dirname(folder))]) {
    // While a run replaces another one, the folder has the record of the one and the model of the other.
    for (const place of [candidate, path.join(candidate, REPLACED_FOLDER, run)]) {
      const record = await readRecord('evaluate', place);
      if (record?.run === run) return record;
    }
  }
  return undefined;
}

async function isFolder(location: string): Promise<boolean> {
  return (await fs.stat(location).catch(() => undefined))?.isDirectory() ?? false;
}

/** Whether a folder has a checkpoint, and no model of its own. */
async function isUnfinished(location: string): Promise<boolean> {
  const names: readonly string[] = await fs.readdir(location).catch(() => []);
  return names.includes(RUN_FILES.checkpoint) && !names.includes('model.json');
}
