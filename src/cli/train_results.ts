/** Results of a finished run: the model, its history and plots. */
import { saveModel } from '../training/model_files.js';
import type { EpochRecord, Trainer } from '../training/trainer.js';
import { historyCsv } from './history_csv.js';
import type { TrainCommandOptions } from './command_options.js';
import type { RunFolder } from './run_folder.js';
import { MODEL_PATHS, RUN_FILES } from './run_record.js';
import type { SceneReport } from './scenes/report_scenes.js';
import { drawPredictions } from './draw_predictions.js';
import { drawSampling } from './draw_sampling.js';
import { trainingCurves } from '../plots/training_curves.js';

/** One file of results. */
export interface WrittenResult {
  /** Path relative to the folder of the results. */
  readonly name: string;
  readonly description: string;
}

/** Options of the results. */
export interface ResultOptions extends Pick<TrainCommandOptions, 'plots' | 'weights'> {
  /** True if the run keeps its best epoch. */
  readonly keepsBest: boolean;
  /** Report of the main job, which has pictures of its own. */
  readonly scenes?: SceneReport | undefined;
}

/** Writes the results of a finished run, ends the run and lists the results. */
export async function writeResults(
  { model, data }: Trainer,
  history: readonly EpochRecord[],
  run: RunFolder,
  { plots, keepsBest, scenes, weights = 'float32' }: ResultOptions,
): Promise<WrittenResult[]> {
  await run.claim(MODEL_PATHS);
  await saveModel(model, run.pathOf(RUN_FILES.model), { weights });
  await run.write(RUN_FILES.history, historyCsv(history));
  await run.write(RUN_FILES.historyJson, `${JSON.stringify(history, undefined, 2)}\n`);
  const written: WrittenResult[] = [
    { name: RUN_FILES.history, description: 'loss and accuracy of every epoch' },
    { name: RUN_FILES.historyJson, description: 'the same as JSON' },
  ];
  if (plots) {
    await run.write(RUN_FILES.curves, await trainingCurves(history));
    written.push({ name: RUN_FILES.curves, description: 'the same as plots' });
    if (scenes?.pictures) {
      await run.write(RUN_FILES.sizes, scenes.pictures.sizes);
      await run.write(RUN_FILES.spread, scenes.pictures.spread);
      written.push({ name: RUN_FILES.sizes, description: 'samples on a digit of three sizes' });
      written.push({ name: RUN_FILES.spread, description: 'spread of the samples by the size of the digit' });
    }
    if (data.test.masks && !scenes) {
      await run.write(RUN_FILES.predictions, await drawPredictions(model, data.test));
      written.push({ name: RUN_FILES.predictions, description: 'test images, their masks and the predicted ones' });
    }
    const sampling = scenes ? undefined : await drawSampling(model, data.test);
    if (sampling !== undefined) {
      await run.write(RUN_FILES.sampling, sampling);
      written.push({ name: RUN_FILES.sampling, description: 'sampling locations of the last deformable layer' });
    }
  }
  written.push({ name: RUN_FILES.checkpoint, description: 'state of the run, for --resume' });
  if (keepsBest) written.push({ name: RUN_FILES.best, description: 'the same after the best epoch' });
  await run.finish([...MODEL_PATHS, ...written.map(({ name }) => name)]);
  const folder = { name: `${RUN_FILES.model}/`, description: 'model.json and weights.bin, for tf.loadLayersModel' };
  return [folder, ...written, { name: RUN_FILES.record, description: 'record of the run, for evaluate' }];
}
