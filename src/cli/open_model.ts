/** Opens a saved model where the command line says. */
import { promises as fs } from 'node:fs';
import path from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import { loadModel } from '../training/model_files.js';
import { RUN_FILES } from './run_folder.js';

/** The model of a run's folder, of a model's folder, or of a model.json. */
export async function openModel(location: string): Promise<tf.LayersModel> {
  const inRun = path.join(location, RUN_FILES.model);
  const isRun = (await fs.stat(inRun).catch(() => undefined))?.isDirectory();
  return loadModel(isRun ? inRun : location);
}
