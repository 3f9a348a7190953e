/** What a finished run leaves behind: the model, its history and pictures. */
import { saveModel } from '../training/model_files.js';
import type { Trainer } from '../training/trainer.js';
import { historyCsv } from './history_csv.js';
import type { RunFolder } from './run_folder.js';
import { MODEL_PATHS, RUN_FILES } from './run_record.js';
import { drawSampling } from './draw_sampling.js';
import { trainingCurves } from '../plots/training_curves.js';

/** One result and what it is. */
export interface WrittenResult {
  /** Relative to the run's folder. */
  readonly name: string;
  readonly what: string;
}

/** Writes the results of a finished run, ends it and says which there are. */
export async function writeResults(trainer: Trainer, run: RunFolder, plots: boolean): Promise<WrittenResult[]> {
  const { history } = trainer.state;
  await run.claim(MODEL_PATHS);
  await saveModel(trainer.model, run.pathOf(RUN_FILES.model));
  await run.write(RUN_FILES.history, historyCsv(history));
  const written: WrittenResult[] = [{ name: RUN_FILES.history, what: 'loss and accuracy of every epoch' }];
  if (plots) {
    await run.write(RUN_FILES.curves, await trainingCurves(history));
    written.push({ name: RUN_FILES.curves, what: 'the same as a picture' });
    const sampling = await drawSampling(trainer.model, trainer.data.test);
    if (sampling !== undefined) {
      await run.write(RUN_FILES.sampling, sampling);
      written.push({ name: RUN_FILES.sampling, what: 'where the last deformable layer looks' });
    }
  }
  written.push({ name: RUN_FILES.checkpoint, what: 'the state of the run' });
  await run.finish([...MODEL_PATHS, ...written.map(({ name }) => name)]);
  const model = { name: `${RUN_FILES.model}/`, what: 'model.json and weights.bin, for tf.loadLayersModel' };
  return [model, ...written, { name: RUN_FILES.record, what: 'the mark of the run, which evaluate reads' }];
}
