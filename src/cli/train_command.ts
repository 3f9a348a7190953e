/** The command `train`: data, network, run folder, training, results. */
import path from 'node:path';
import { cost } from '../analysis/cost.js';
import { loadAllOptional } from '../support/optional_package.js';
import { resume, type Checkpoint } from '../training/checkpoint.js';
import { loadCheckpoint, saveCheckpoint } from '../training/checkpoint_file.js';
import type { SplitImages } from '../training/image_source.js';
import { bestEpoch } from '../training/early_stopping.js';
import { lockFolder, type FolderLock } from '../training/folder_lock.js';
import { saveModel } from '../training/model_files.js';
import { startBackend } from './backend.js';
import type { TrainCommandOptions } from './command_options.js';
import { describeData } from './describe_data.js';
import { EXIT, printNote, UsageError, type ExitStatus } from './exit_status.js';
import { count } from './format.js';
import { checkPhases } from './freezing.js';
import { historyCsv } from './history_csv.js';
import { deferInterrupt } from './interruption.js';
import { loadData, type CommandData } from './load_data.js';
import { chosenPreprocessing } from './model_preprocessing.js';
import { openSource } from './model_source.js';
import { DRAWING, packagesOf } from './needed_packages.js';
import { installedBackends } from './optional_backends.js';
import { tolerateLostOutput } from './output.js';
import { phaseOf, PhasedRun } from './phased_run.js';
import { openLive, type LiveRunPage } from './live_run.js';
import { writePreview } from './preview.js';
import { createProgress } from './progress.js';
import { checkNewRun, createNumberedRun, findRun, RunFolder } from './run_folder.js';
import { RUN_FILES, START_PATHS } from './run_record.js';
import { resultLine } from './result_line.js';
import { SCENES } from './scenes/load_digit_scenes.js';
import { reportScenes } from './scenes/report_scenes.js';
import { withDataDefaults, type GivenTrainOptions } from './train_defaults.js';
import { cacheLines, reportChecked, waitingLines } from './report_data.js';
import { restoreSettings, runOf, runSettings } from './run_settings.js';
import { describeLoss } from './stored_accuracy.js';
import { writeResults } from './train_results.js';

/** Seconds between two checkpoints within an epoch. */
const CHECKPOINT_INTERVAL = 60;
/** Fewer steps teach most networks little. */
const FEW_STEPS = 50;

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
export async function runTrain(given: GivenTrainOptions, isGiven: (name: string) => boolean): Promise<ExitStatus> {
  if (given.resume && given.overwrite) {
    throw new UsageError("option '--resume' cannot be used with option '--overwrite'");
  }
  if (given.augment !== undefined && !given.augmentation) {
    throw new UsageError("option '--augment' cannot be used with option '--no-augmentation'");
  }
  tolerateLostOutput();
  if (!given.resume) {
    const options = withDataDefaults(given, isGiven);
    if (given.out !== undefined) await checkNewRun(given.out, given.overwrite ?? false);
    return start(options, isGiven, undefined);
  }
  const folder = await findRun(given.out);
  const lock = await lockFolder('resume', folder);
  try {
    const checkpoint = await loadCheckpoint(path.join(folder, RUN_FILES.checkpoint));
    const options = restoreSettings({ data: SCENES, ...given }, isGiven, checkpoint);
    return await start(options, isGiven, { folder, lock, checkpoint });
  } finally {
    await lock.release();
  }
}

async function start(
  options: TrainCommandOptions,
  isGiven: (name: string) => boolean,
  interrupted: Interrupted | undefined,
): Promise<ExitStatus> {
  checkPhases(options);
  await loadAllOptional([...(options.plots ? DRAWING : []), ...(await packagesOf(options.data))]);
  const backend = await startBackend(options.backend, options.threads);
  const source = await openSource(options, isGiven, interrupted?.folder);
  const data = await loadData({
    ...options,
    ...(source.expected ? { expected: source.expected } : { chosen: chosenPreprocessing(options) }),
    onLeftOut: printNote,
    onProgress: reportChecked(),
  });
  const { model, origin } = await source.build(data);
  const phases = new PhasedRun(model, data, options, interrupted && phaseOf(interrupted.checkpoint, options));
  if (options.preview !== undefined) await writePreview(options.preview, data.train, phases.trainer.options);
  if (interrupted) await resume(phases.trainer, interrupted.checkpoint);
  const run = await openFolder(options, data, interrupted);
  try {
    // `evaluate`, `convert` and the page read these back.
    const { classNames, preprocessing } = data.train;
    const multiLabel = data.train.multiHot !== undefined;
    model.setUserDefinedMetadata({
      ...{ classNames, seed: options.seed, run: run.run, preprocessing },
      ...(multiLabel && { multiLabel }),
    });
    if (options.from !== undefined && !interrupted) {
      await run.claim(START_PATHS);
      await saveModel(model, run.pathOf(RUN_FILES.start));
    }
    printHeader({ backend, origin, data }, phases, run);
    const live = await openLive(options, phases);
    try {
      return await runEpochs(phases, run, options, live);
    } finally {
      await live?.close();
    }
  } finally {
    await run.release();
  }
}

async function openFolder(
  options: TrainCommandOptions,
  data: SplitImages,
  interrupted: Interrupted | undefined,
): Promise<RunFolder> {
  const { out, overwrite = false } = options;
  const runData = await describeData(options, data);
  if (interrupted) {
    const { folder, lock, checkpoint } = interrupted;
    return RunFolder.reopen(folder, lock, runOf(checkpoint), runData);
  }
  if (out !== undefined) return RunFolder.create(out, overwrite, runData);
  return createNumberedRun(nameOf(options, data).replace(/[^\w.-]+/g, '-'), runData);
}

/** Name of a run whose folder gets a number. */
function nameOf({ data: source, model, from }: TrainCommandOptions, { name }: SplitImages): string {
  if (source === SCENES) return name;
  return `${name}-${from === undefined ? model : `from-${path.parse(from).name}`}`;
}

/** Parts of a run that its header names. */
interface Parts {
  readonly backend: string;
  readonly origin: string | undefined;
  readonly data: CommandData;
}

function printHeader({ backend, origin, data }: Parts, phases: PhasedRun, run: RunFolder): void {
  const { model, trained, trainer } = phases;
  const { name, train, test } = data;
  const classes = `${train.classNames.length} classes${train.multiHot ? ', several in an image' : ''}`;
  const images = `${train.height}×${train.width}×${train.channels}, ${classes}`;
  const lines = [
    `backend  ${backend}`,
    ...otherBackends(backend),
    `data     ${name}: ${count(train.labels.length)} training and ${count(test.labels.length)} test images of ${images}`,
    ...cacheLines(data),
    ...(origin === undefined ? [] : [`from     ${origin}`]),
    ...(trained === undefined ? [] : [`trains   ${trained}`]),
    ...fewSteps(trainer.stepsPerEpoch * phases.epochs),
    `folder   ${run.folder}`,
    ...(run.replaced === undefined ? [] : [`replaces the run that is kept in ${run.replaced} until this one finishes`]),
    '',
    cost(model).toString(),
    '',
  ];
  const { epoch, step } = phases.counted(trainer.state);
  if (phases.start > 0 || epoch > 0 || step > 0) {
    lines.push(`continuing after epoch ${epoch} of ${phases.epochs}, step ${step}`);
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** Says when a run is too short for most networks. */
function fewSteps(steps: number): string[] {
  const rule = 'more --epochs or a smaller --batch may learn more';
  return steps < FEW_STEPS ? [`steps    ${count(steps)} in all, which is few: ${rule}`] : [];
}

/** Tells which other backends could be chosen. */
function otherBackends(used: string): string[] {
  const others = installedBackends().filter((name) => name !== used);
  return others.length === 0 ? [] : [`         also installed: ${others.join(', ')} (see --backend)`];
}

async function runEpochs(
  phases: PhasedRun,
  run: RunFolder,
  options: TrainCommandOptions,
  live: LiveRunPage | undefined,
): Promise<ExitStatus> {
  let savedAt: number | undefined;
  const saveTo = async (name: string): Promise<void> => {
    const notes = { ...runSettings(options), run: run.run, ...phases.notes };
    await saveCheckpoint(run.pathOf(name), phases.trainer, notes);
  };
  const save = async (): Promise<void> => {
    await saveTo(RUN_FILES.checkpoint);
    savedAt = performance.now();
  };
  const keepsBest = options.keepBest === true || options.earlyStopping !== undefined;
  if (keepsBest) await run.claim([RUN_FILES.best]);
  const progress = createProgress({ epochs: options.epochs, stepsPerEpoch: phases.trainer.stepsPerEpoch });
  const interruption = deferInterrupt(() => {
    progress.stop();
    process.stdout.write('interrupted: finishing the step\n');
  });
  try {
    let isFinished: boolean;
    let isNext = false;
    do {
      if (isNext) process.stdout.write(`after epoch ${phases.start}, trains ${phases.trained}\n`);
      // There is a checkpoint to resume from even before the first step.
      if (!phases.trainer.finished) await save();
      isFinished = await phases.trainer.run({
        signal: interruption.signal,
        onStep: async (state) => {
          if (!interruption.signal.aborted) progress.step(phases.counted(state));
          live?.step(phases, state);
          if (performance.now() - (savedAt ?? 0) > CHECKPOINT_INTERVAL * 1000) await save();
        },
        onEpoch: async (record) => {
          progress.epoch(phases.counted(record));
          live?.epoch(phases, record);
          await save();
          await run.write(RUN_FILES.history, historyCsv(phases.history));
          if (keepsBest && bestEpoch(phases.history) === phases.history.length) await saveTo(RUN_FILES.best);
        },
      });
      isNext = isFinished && phases.next();
    } while (isNext);
    progress.stop();
    if (!isFinished) {
      await save();
      reportStop(phases, run.folder);
      live?.end('the run has been stopped');
      return interruption.status;
    }
    interruption.release();
    if (keepsBest) await takeBest(phases.trainer, run.pathOf(RUN_FILES.best));
    await reportResults(phases, run, options, keepsBest);
    live?.end('the run has finished');
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

function reportStop(phases: PhasedRun, folder: string): void {
  const { state, stepsPerEpoch } = phases.trainer;
  const { epoch, step } = phases.counted(state);
  const position = `epoch ${epoch + 1} of ${phases.epochs}, step ${step} of ${stepsPerEpoch}`;
  process.stdout.write(`stopped in ${position}; ${continueWith(folder)}\n`);
}

function continueWith(folder: string): string {
  return `continue with: tfjs-convolutions train --resume --out ${folder}`;
}

/** Gives the model the weights after its best epoch, as that epoch was evaluated. */
async function takeBest(trainer: PhasedRun['trainer'], file: string): Promise<void> {
  const { state } = trainer;
  if (bestEpoch(state.history) === state.epoch) return;
  await resume(trainer, await loadCheckpoint(file));
  trainer.optimizer.finalizeVariableValues();
  trainer.state = state;
}

async function reportResults(
  { trainer, history, secondsWaited }: PhasedRun,
  run: RunFolder,
  options: TrainCommandOptions,
  keepsBest: boolean,
): Promise<void> {
  const best = history[(keepsBest ? bestEpoch(history) : history.length) - 1]!;
  const { epoch, testAccuracy } = best;
  const { test } = trainer.data;
  process.stdout.write(`\n${resultLine(best, test)}\n`);
  if (epoch < history.length) process.stdout.write(`of epoch ${epoch}, the best of ${history.length}\n`);
  const seconds = history.reduce((sum, record) => sum + record.seconds, 0);
  for (const line of waitingLines(secondsWaited, seconds)) process.stdout.write(`${line}\n`);
  const scenes = options.data === SCENES ? await reportScenes(trainer, options) : undefined;
  for (const line of scenes?.lines ?? []) process.stdout.write(`${line}\n`);
  const written = await writeResults(trainer, history, run, { ...options, keepsBest, scenes });
  const { weights = 'float32' } = options;
  if (weights !== 'float32') {
    process.stdout.write(`${await describeLoss(run.pathOf(RUN_FILES.model), test, testAccuracy, weights)}\n`);
  }
  const width = Math.max(...written.map(({ name }) => name.length));
  const lines = written.map(({ name, description }) => `  ${name.padEnd(width)}  ${description}`);
  process.stdout.write(`written to ${run.folder}:\n${lines.join('\n')}\n`);
}
