/** The command `train`: data, network, run folder, training, results. */
import path from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import { cost } from '../analysis/cost.js';
import { loadPng } from '../plots/png.js';
import { loadVega } from '../plots/vega.js';
import { DEFAULT_AUGMENTATION } from '../training/augmentation.js';
import { resume, type Checkpoint } from '../training/checkpoint.js';
import { loadCheckpoint, saveCheckpoint } from '../training/checkpoint_file.js';
import type { SplitImages } from '../training/image_source.js';
import { bestEpoch } from '../training/early_stopping.js';
import { lockFolder, type FolderLock } from '../training/folder_lock.js';
import { Trainer, type TrainOptions } from '../training/trainer.js';
import { parseAugment } from './augment_option.js';
import { startBackend } from './backend.js';
import { onStdout } from './colors.js';
import type { TrainCommandOptions } from './command_options.js';
import { describeData } from './describe_data.js';
import { EXIT, printNote, UsageError, type ExitStatus } from './exit_status.js';
import { count, percent } from './format.js';
import { historyCsv } from './history_csv.js';
import { deferInterrupt } from './interruption.js';
import { loadData, type CommandData } from './load_data.js';
import { chosenPreprocessing } from './model_preprocessing.js';
import { buildNamedModel } from './named_models.js';
import { tolerateLostOutput } from './output.js';
import { writePreview } from './preview.js';
import { createProgress } from './progress.js';
import { recipeOf } from './recipe.js';
import { checkNewRun, createNumberedRun, findRun, RunFolder } from './run_folder.js';
import { RUN_FILES } from './run_record.js';
import { cacheLines, reportChecked, waitingLines } from './report_data.js';
import { restoreSettings, runOf, runSettings } from './run_settings.js';
import { writeResults } from './train_results.js';

/** Seconds between two checkpoints within an epoch. */
const CHECKPOINT_INTERVAL = 60;

/** An interrupted run and the lock on its folder. */
interface Interrupted {
  readonly folder: string;
  readonly lock: FolderLock;
  readonly checkpoint: Checkpoint;
}

/**
 * Runs `train`.
 *
 * @param given Options with defaults filled in.
 * @param isGiven Tells whether an option was given on the command line.
 */
export async function runTrain(given: TrainCommandOptions, isGiven: (name: string) => boolean): Promise<ExitStatus> {
  if (given.resume && given.overwrite) {
    throw new UsageError("option '--resume' cannot be used with option '--overwrite'");
  }
  if (given.augment !== undefined && !given.augmentation) {
    throw new UsageError("option '--augment' cannot be used with option '--no-augmentation'");
  }
  tolerateLostOutput();
  if (!given.resume) {
    if (given.out !== undefined) await checkNewRun(given.out, given.overwrite ?? false);
    return start(given, undefined);
  }
  const folder = await findRun(given.out);
  const lock = await lockFolder('resume', folder);
  try {
    const checkpoint = await loadCheckpoint(path.join(folder, RUN_FILES.checkpoint));
    return await start(restoreSettings(given, isGiven, checkpoint), { folder, lock, checkpoint });
  } finally {
    await lock.release();
  }
}

async function start(options: TrainCommandOptions, interrupted: Interrupted | undefined): Promise<ExitStatus> {
  if (options.plots) {
    await loadVega();
    await loadPng();
  }
  const backend = await startBackend(options.backend, options.threads);
  const data = await loadData({
    ...options,
    chosen: chosenPreprocessing(options),
    onLeftOut: printNote,
    onProgress: reportChecked(),
  });
  const trainer = new Trainer(buildModel(options, data), data, trainOptions(options, data));
  if (options.preview !== undefined) await writePreview(options.preview, data.train, trainer.options);
  if (interrupted) await resume(trainer, interrupted.checkpoint);
  const run = await openFolder(options, data, interrupted);
  try {
    // `evaluate`, `convert` and the page read these back.
    const { classNames, preprocessing } = data.train;
    trainer.model.setUserDefinedMetadata({ classNames, seed: options.seed, run: run.run, preprocessing });
    printHeader(backend, trainer, data, run);
    return await runEpochs(trainer, run, options);
  } finally {
    await run.release();
  }
}

async function openFolder(
  options: TrainCommandOptions,
  data: SplitImages,
  interrupted: Interrupted | undefined,
): Promise<RunFolder> {
  const { out, model, overwrite = false } = options;
  const runData = await describeData(options, data);
  if (interrupted) {
    const { folder, lock, checkpoint } = interrupted;
    return RunFolder.reopen(folder, lock, runOf(checkpoint), runData);
  }
  if (out !== undefined) return RunFolder.create(out, overwrite, runData);
  return createNumberedRun(`${data.name.replace(/[^\w.-]+/g, '-')}-${model}`, runData);
}

function buildModel(options: TrainCommandOptions, { name, train }: SplitImages): tf.LayersModel {
  if (train.height !== train.width) {
    throw new Error(
      `Cannot train: images must be square (see --size), received ${train.height} × ${train.width} in '${name}'`,
    );
  }
  return buildNamedModel({
    ...options,
    size: train.height,
    channels: train.channels,
    classes: train.classNames.length,
  });
}

function trainOptions({ augmentation, ...options }: TrainCommandOptions, data: SplitImages): TrainOptions {
  const { epochs, batch: batchSize, learningRate, seed, memory } = options;
  const recipe = recipeOf(options, data);
  return {
    ...{ epochs, batchSize, learningRate, seed, memory },
    augmentation:
      augmentation && (options.augment === undefined ? DEFAULT_AUGMENTATION : parseAugment(options.augment)),
    ...recipe,
  };
}

function printHeader(backend: string, { model, state, options }: Trainer, data: CommandData, run: RunFolder): void {
  const { name, train, test } = data;
  const images = `${train.height}×${train.width}×${train.channels}, ${train.classNames.length} classes`;
  const lines = [
    `backend  ${backend}`,
    `data     ${name}: ${count(train.labels.length)} training and ${count(test.labels.length)} test images of ${images}`,
    ...cacheLines(data),
    `folder   ${run.folder}`,
    ...(run.replaced === undefined ? [] : [`replaces the run that is kept in ${run.replaced} until this one finishes`]),
    '',
    cost(model).toString(),
    '',
  ];
  if (state.epoch > 0 || state.step > 0) {
    lines.push(`continuing after epoch ${state.epoch} of ${options.epochs}, step ${state.step}`);
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}

async function runEpochs(trainer: Trainer, run: RunFolder, options: TrainCommandOptions): Promise<ExitStatus> {
  const notes = { ...runSettings(options), run: run.run };
  let savedAt: number | undefined;
  const save = async (): Promise<void> => {
    await saveCheckpoint(run.pathOf(RUN_FILES.checkpoint), trainer, notes);
    savedAt = performance.now();
  };
  const keepsBest = options.keepBest === true || options.earlyStopping !== undefined;
  if (keepsBest) await run.claim([RUN_FILES.best]);
  const progress = createProgress({ epochs: options.epochs, stepsPerEpoch: trainer.stepsPerEpoch });
  const interruption = deferInterrupt(() => {
    progress.stop();
    process.stdout.write('interrupted: finishing the step\n');
  });
  try {
    // There is a checkpoint to resume from even before the first step.
    if (!trainer.finished) await save();
    const isFinished = await trainer.run({
      signal: interruption.signal,
      onStep: async (state) => {
        if (!interruption.signal.aborted) progress.step(state);
        if (performance.now() - (savedAt ?? 0) > CHECKPOINT_INTERVAL * 1000) await save();
      },
      onEpoch: async (record) => {
        progress.epoch(record);
        await save();
        await run.write(RUN_FILES.history, historyCsv(trainer.state.history));
        if (keepsBest && bestEpoch(trainer.state.history) === record.epoch) {
          await saveCheckpoint(run.pathOf(RUN_FILES.best), trainer, notes);
        }
      },
    });
    progress.stop();
    if (!isFinished) {
      await save();
      reportStop(trainer, run.folder);
      return interruption.status;
    }
    interruption.release();
    if (keepsBest) await takeBest(trainer, run.pathOf(RUN_FILES.best));
    await reportResults(trainer, run, { plots: options.plots, keepsBest });
    return EXIT.success;
  } catch (error) {
    progress.stop();
    // After an error such as a full disk the last checkpoint is still complete.
    if (savedAt !== undefined) process.stdout.write(`${continueWith(run.folder)}\n`);
    throw error;
  } finally {
    interruption.release();
  }
}

function reportStop({ state, stepsPerEpoch, options }: Trainer, folder: string): void {
  const position = `epoch ${state.epoch + 1} of ${options.epochs}, step ${state.step} of ${stepsPerEpoch}`;
  process.stdout.write(`stopped in ${position}; ${continueWith(folder)}\n`);
}

function continueWith(folder: string): string {
  return `continue with: tfjs-convolutions train --resume --out ${folder}`;
}

/** Gives the model the weights after its best epoch, as that epoch was evaluated. */
async function takeBest(trainer: Trainer, file: string): Promise<void> {
  const { state } = trainer;
  if (bestEpoch(state.history) === state.epoch) return;
  await resume(trainer, await loadCheckpoint(file));
  trainer.optimizer.finalizeVariableValues();
  trainer.state = state;
}

async function reportResults(
  trainer: Trainer,
  run: RunFolder,
  options: { readonly plots: boolean; readonly keepsBest: boolean },
): Promise<void> {
  const { history } = trainer.state;
  const { epoch, testAccuracy, testLoss } = history[(options.keepsBest ? bestEpoch(history) : history.length) - 1]!;
  const total = trainer.data.test.labels.length;
  const correct = Math.round(testAccuracy * total);
  process.stdout.write(
    `\n${onStdout.bold(`test accuracy ${percent(testAccuracy, 2)}`)} (${count(correct)} of ${count(total)}), loss ${testLoss.toFixed(3)}\n`,
  );
  if (epoch < history.length) process.stdout.write(`of epoch ${epoch}, the best of ${history.length}\n`);
  const seconds = trainer.state.history.reduce((sum, record) => sum + record.seconds, 0);
  for (const line of waitingLines(trainer.secondsWaited, seconds)) process.stdout.write(`${line}\n`);
  const written = await writeResults(trainer, run, options);
  process.stdout.write(
    `written to ${run.folder}:\n${written.map(({ name, description }) => `  ${name.padEnd(15)} ${description}`).join('\n')}\n`,
  );
}
