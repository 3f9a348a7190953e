/** Results of a finished run: the model, its history and plots. */
import { saveModel } from '../training/model_files.js';
import type { Trainer } from '../training/trainer.js';
import { historyCsv } from './history_csv.js';
import type { RunFolder } from './run_folder.js';
import { MODEL_PATHS, RUN_FILES } from './run_record.js';
import { drawSampling } from './draw_sampling.js';
import { trainingCurves } from '../plots/training_curves.js';

/** One file of results. */
export interface WrittenResult {
  /** Path relative to the folder of the results. */
  readonly name: string;
  readonly description: string;
}

/** Writes the results of a finished run, ends the run and lists the results. */
export async function writeResults(
  trainer: Trainer,
  run: RunFolder,
  { plots, keepsBest }: { readonly plots: boolean; readonly keepsBest: boolean },
): Promise<WrittenResult[]> {
  const { history } = trainer.state;
  await run.claim(MODEL_PATHS);
  await saveModel(trainer.model, run.pathOf(RUN_FILES.model));
  await run.write(RUN_FILES.history, historyCsv(history));
  await run.write(RUN_FILES.historyJson, `${JSON.stringify(history, undefined, 2)}\n`);
  const written: WrittenResult[] = [
    { name: RUN_FILES.history, description: 'loss and accuracy of every epoch' },
    { name: RUN_FILES.historyJson, description: 'the same as JSON' },
  ];
  if (plots) {
    await run.write(RUN_FILES.curves, await trainingCurves(history));
    written.push({ name: RUN_FILES.curves, description: 'the same as plots' });
    const sampling = await drawSampling(trainer.model, trainer.data.test);
    if (sampling !== undefined) {
      await run.write(RUN_FILES.sampling, sampling);
      written.push({ name: RUN_FILES.sampling, description: 'sampling locations of the last deformable layer' });
    }
  }
  written.push({ name: RUN_FILES.checkpoint, description: 'state of the run, for --resume' });
  if (keepsBest) written.push({ name: RUN_FILES.best, description: 'the same after the best epoch' });
  await run.finish([...MODEL_PATHS, ...written.map(({ name }) => name)]);
  const model = { name: `${RUN_FILES.model}/`, description: 'model.json and weights.bin, for tf.loadLayersModel' };
  return [model, ...written, { name: RUN_FILES.record, description: 'record of the run, for evaluate' }];
}
