/** The command `evaluate`: loss and accuracy of a saved model on test images. */
import { promises as fs } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type * as tf from '@tensorflow/tfjs';
import { evaluate, type Evaluation } from '../training/evaluate.js';
import { startBackend } from './backend.js';
import type { EvaluateCommandOptions } from './command_options.js';
import { dataSource, testFingerprint } from './describe_data.js';
import { EXIT, printNote, UsageError, type ExitStatus } from './exit_status.js';
import { count, percent } from './format.js';
import { describeLabels } from './label_report.js';
import { BUILT_IN_DATA, loadData } from './load_data.js';
import { preprocessingFor } from './model_preprocessing.js';
import { findRecord, openModel } from './open_model.js';
import { RUN_FILES, type RunData } from './run_record.js';

const DEFAULT_SEED = 1;
/** Height and width of images for a model that takes any and was not trained by a run. */
const DEFAULT_SIZE = 32;

/** Metadata that `train` saved in the model. */
interface TrainingNotes {
  readonly classNames?: readonly string[];
  readonly seed?: number;
  /** Unique ID of the run. */
  readonly run?: string;
}

/** Runs `evaluate`. */
export async function runEvaluate(location: string, options: EvaluateCommandOptions): Promise<ExitStatus> {
  const backend = await startBackend(options.backend, options.threads);
  const model = await openModel(location);
  const notes = (model.getUserDefinedMetadata() as TrainingNotes | undefined) ?? {};
  const trained = (await findRecord(location, notes.run))?.data;
  checkInput(model);
  const data = await loadData({
    data: await sourceOf(location, options.data, trained),
    expected: preprocessingFor(model, options, trained?.size ?? DEFAULT_SIZE),
    seed: options.seed ?? notes.seed ?? DEFAULT_SEED,
    skipBroken: options.skipBroken,
    onLeftOut: printNote,
  });
  checkClasses(notes, data.test.classNames);
  const isOwn = trained !== undefined && (options.data === undefined || dataSource(options.data) === trained.source);
  if (isOwn && trained.test !== (await testFingerprint(data))) {
    printNote(
      `the test images differ from those held out in training, so some may have been trained on ('${trained.source}')`,
    );
  }
  process.stdout.write(`backend  ${backend}\ndata     ${data.name}: ${count(data.test.labels.length)} test images\n\n`);

  const started = performance.now();
  const result = await evaluate(model, data.test, { batchSize: options.batch });
  const speed = data.test.labels.length / ((performance.now() - started) / 1000);
  process.stdout.write(`${describe(result, data.test.classNames)}\n${Math.round(speed)} images/s\n`);
  return EXIT.success;
}

function checkInput(model: tf.LayersModel): void {
  if (model.inputs.length === 1 && model.inputs[0]!.shape.length === 4) return;
  const received = model.inputs.map((input) => `[${input.shape.slice(1).join(', ')}]`).join(', ');
  throw new Error(
    `Cannot evaluate: the model must take images [height, width, channels], received inputs = ${received}`,
  );
}

/** The value of `--data`, or the data that the model was trained on. */
async function sourceOf(location: string, given: string | undefined, trained: RunData | undefined): Promise<string> {
  if (given !== undefined) return given;
  if (trained === undefined) {
    throw new UsageError(
      `option '--data' is required for a model without the ${RUN_FILES.record} of its run, received model = '${location}'`,
    );
  }
  const { source } = trained;
  const exists = source === BUILT_IN_DATA || (await fs.stat(source).catch(() => undefined)) !== undefined;
  if (exists) return source;
  throw new Error(
    `Cannot evaluate: the training data must still be in its original folder (or pass --data), received folder = '${source}'`,
  );
}

function checkClasses({ classNames }: TrainingNotes, received: readonly string[]): void {
  if (classNames === undefined || isDeepStrictEqual(classNames, received)) return;
  const rule = `the data must have the classes that the model was trained on (${classNames.join(', ')})`;
  throw new Error(`Cannot evaluate: ${rule}, received classes = ${received.join(', ')}`);
}

function describe({ loss, accuracy, confusion, labels }: Evaluation, classNames: readonly string[]): string {
  if (labels) return describeLabels(labels, loss, classNames);
  const width = Math.max(5, ...classNames.map((name) => name.length));
  const rows = confusion.map((row, label) => {
    const total = row.reduce((sum, value) => sum + value, 0);
    const mistakes = row
      .map((value, guess) => ({ value, guess }))
      .filter(({ value, guess }) => value > 0 && guess !== label)
      .sort((a, b) => b.value - a.value)
      .slice(0, 3)
      .map(({ value, guess }) => `${classNames[guess]} (${value})`);
    const accuracyOfClass = total === 0 ? '-' : percent(row[label]! / total, 1);
    return `${classNames[label]!.padEnd(width)}  ${count(total).padStart(7)}  ${accuracyOfClass.padStart(8)}  ${mistakes.join(', ')}`.trimEnd();
  });
  const header = `${'class'.padEnd(width)}   images  accuracy  most often mistaken for`;
  return `test accuracy ${percent(accuracy, 2)}, loss ${loss.toFixed(3)}\n\n${[header, ...rows].join('\n')}\n`;
}
