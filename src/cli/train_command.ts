/** `tfjs-convolutions train`: data, network, run folder, training, results. */
import path from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import { cost } from '../analysis/cost.js';
import { loadVega } from '../plots/vega.js';
import { writeFileAtomic } from '../training/atomic_file.js';
import { DEFAULT_AUGMENTATION } from '../training/augmentation.js';
import { resume, type Checkpoint } from '../training/checkpoint.js';
import { loadCheckpoint, saveCheckpoint } from '../training/checkpoint_file.js';
import type { SplitDataset } from '../training/dataset.js';
import { Trainer, type TrainOptions } from '../training/trainer.js';
import { startBackend } from './backend.js';
import { onStdout } from './colors.js';
import { EXIT, UsageError, type ExitStatus } from './exit_status.js';
import { count, percent } from './format.js';
import { historyCsv } from './history_csv.js';
import { deferInterrupt } from './interruption.js';
import { loadData } from './load_data.js';
import { buildNamedModel } from './named_models.js';
import { createProgress } from './progress.js';
import type { TrainCommandOptions } from './program.js';
import { checkNewRun, createNumberedRun, createRun, findRun, RUN_FILES } from './run_folder.js';
import { restoreSettings, runSettings } from './run_settings.js';
import { writeResults } from './train_results.js';

/** Seconds between two checkpoints within an epoch. */
const CHECKPOINT_INTERVAL = 60;

/** Where a run starts: anew in a folder still to be created, or at a checkpoint. */
type Start = { readonly checkpoint: Checkpoint; readonly folder: string } | { readonly checkpoint?: undefined };

/**
 * Trains a network as the command line says.
 *
 * @param given Options with defaults filled in.
 * @param isGiven Whether an option stood on the command line.
 */
export async function runTrain(given: TrainCommandOptions, isGiven: (name: string) => boolean): Promise<ExitStatus> {
  if (given.resume && given.overwrite)
    throw new UsageError("option '--resume' cannot be used with option '--overwrite'");
  const start = await findStart(given);
  const options = start.checkpoint ? restoreSettings(given, isGiven, start.checkpoint) : given;
  if (options.plots) await loadVega();
  const backend = await startBackend(options.backend);
  const data = await loadData(options);
  const trainer = new Trainer(buildModel(options, data), data, trainOptions(options));
  if (start.checkpoint) await resume(trainer, start.checkpoint);
  const folder = start.checkpoint ? start.folder : await createFolder(options, data);
  printHeader(backend, trainer, folder);
  return train(trainer, folder, options);
}

async function findStart({ resume: isResume, overwrite = false, out }: TrainCommandOptions): Promise<Start> {
  if (!isResume) {
    if (out !== undefined) await checkNewRun(out, overwrite);
    return {};
  }
  const folder = await findRun(out);
  return { folder, checkpoint: await loadCheckpoint(path.join(folder, RUN_FILES.checkpoint)) };
}

function buildModel(options: TrainCommandOptions, { name, train }: SplitDataset): tf.LayersModel {
  if (train.height !== train.width) {
    throw new Error(
      `Cannot train: images must be square (see --size), received ${train.height} × ${train.width} in '${name}'`,
    );
  }
  const model = buildNamedModel({
    ...options,
    size: train.height,
    channels: train.channels,
    classes: train.classNames.length,
  });
  // Read back by `evaluate`.
  model.setUserDefinedMetadata({ classNames: train.classNames, seed: options.seed });
  return model;
}

function trainOptions({ epochs, batch, learningRate, seed, augmentation }: TrainCommandOptions): TrainOptions {
  return { epochs, batchSize: batch, learningRate, seed, augmentation: augmentation && DEFAULT_AUGMENTATION };
}

async function createFolder(
  { out, model, overwrite = false }: TrainCommandOptions,
  { name }: SplitDataset,
): Promise<string> {
  if (out === undefined) return createNumberedRun(`${name.replace(/[^\w.-]+/g, '-')}-${model}`);
  await createRun(out, overwrite);
  return out;
}

function printHeader(backend: string, { data, model, state, options }: Trainer, folder: string): void {
  const { name, train, test } = data;
  const images = `${train.height}×${train.width}×${train.channels}, ${train.classNames.length} classes`;
  const lines = [
    `backend  ${backend}`,
    `data     ${name}: ${count(train.labels.length)} training and ${count(test.labels.length)} test images of ${images}`,
    `folder   ${folder}`,
    '',
    cost(model).toString(),
    '',
  ];
  if (state.epoch > 0 || state.step > 0) {
    lines.push(`continuing after epoch ${state.epoch} of ${options.epochs}, step ${state.step}`);
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}

async function train(trainer: Trainer, folder: string, options: TrainCommandOptions): Promise<ExitStatus> {
  const settings = runSettings(options);
  let savedAt = 0;
  const save = async (): Promise<void> => {
    await saveCheckpoint(path.join(folder, RUN_FILES.checkpoint), trainer, settings);
    savedAt = performance.now();
  };
  const progress = createProgress({ epochs: options.epochs, stepsPerEpoch: trainer.stepsPerEpoch });
  const interruption = deferInterrupt(() => {
    progress.stop();
    process.stdout.write('interrupted: finishing the step\n');
  });
  // From the first moment on there is a checkpoint to go back to.
  if (!trainer.finished) await save();
  const isFinished = await trainer.run({
    signal: interruption.signal,
    onStep: async (state) => {
      if (!interruption.signal.aborted) progress.step(state);
      if (performance.now() - savedAt > CHECKPOINT_INTERVAL * 1000) await save();
    },
    onEpoch: async (record) => {
      progress.epoch(record);
      await save();
      await writeFileAtomic(path.join(folder, RUN_FILES.history), historyCsv(trainer.state.history));
    },
  });
  progress.stop();
  if (!isFinished) {
    await save();
    reportStop(trainer, folder);
    return EXIT.interrupted;
  }
  interruption.release();
  await reportResults(trainer, folder, options);
  return EXIT.success;
}

function reportStop({ state, stepsPerEpoch, options }: Trainer, folder: string): void {
  const place = `epoch ${state.epoch + 1} of ${options.epochs}, step ${state.step} of ${stepsPerEpoch}`;
  process.stdout.write(`stopped in ${place}; continue with: tfjs-convolutions train --resume --out ${folder}\n`);
}

async function reportResults(trainer: Trainer, folder: string, options: TrainCommandOptions): Promise<void> {
  const { testAccuracy, testLoss } = trainer.state.history.at(-1)!;
  const total = trainer.data.test.labels.length;
  const right = Math.round(testAccuracy * total);
  process.stdout.write(
    `\n${onStdout.bold(`test accuracy ${percent(testAccuracy, 2)}`)} (${count(right)} of ${count(total)}), loss ${testLoss.toFixed(3)}\n`,
  );
  const written = await writeResults(trainer, folder, options.plots);
  process.stdout.write(
    `written to ${folder}:\n${written.map(({ name, what }) => `  ${name.padEnd(15)} ${what}`).join('\n')}\n`,
  );
}
