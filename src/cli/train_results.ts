/** What a finished run leaves behind: the model, its history and pictures. */
import path from 'node:path';
import { writeFileAtomic } from '../training/atomic_file.js';
import { saveModel } from '../training/model_files.js';
import type { Trainer } from '../training/trainer.js';
import { historyCsv } from './history_csv.js';
import { RUN_FILES } from './run_folder.js';
import { drawSampling } from './draw_sampling.js';
import { trainingCurves } from '../plots/training_curves.js';

/** One result and what it is. */
export interface WrittenResult {
  /** Relative to the run's folder. */
  readonly name: string;
  readonly what: string;
}

/** Writes the results of a finished run and says which there are. */
export async function writeResults(trainer: Trainer, folder: string, plots: boolean): Promise<WrittenResult[]> {
  const { history } = trainer.state;
  await saveModel(trainer.model, path.join(folder, RUN_FILES.model));
  await writeFileAtomic(path.join(folder, RUN_FILES.history), historyCsv(history));
  const written: WrittenResult[] = [
    { name: `${RUN_FILES.model}/`, what: 'model.json and weights.bin, for tf.loadLayersModel' },
    { name: RUN_FILES.history, what: 'loss and accuracy of every epoch' },
  ];
  if (plots) {
    await writeFileAtomic(path.join(folder, RUN_FILES.curves), await trainingCurves(history));
    written.push({ name: RUN_FILES.curves, what: 'the same as a picture' });
    const sampling = await drawSampling(trainer.model, trainer.data.test);
    if (sampling !== undefined) {
      await writeFileAtomic(path.join(folder, RUN_FILES.sampling), sampling);
      written.push({ name: RUN_FILES.sampling, what: 'where the last deformable layer looks' });
    }
  }
  return [...written, { name: RUN_FILES.checkpoint, what: 'the state of the run' }];
}
