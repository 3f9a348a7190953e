/** The command `evaluate`: loss and accuracy of a saved model on test images. */
import { promises as fs } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type * as tf from '@tensorflow/tfjs';
import { loadAllOptional } from '../support/optional_package.js';
import { evaluate } from '../training/evaluate.js';
import type { SplitImages } from '../training/image_source.js';
import { startBackend } from './backend.js';
import type { EvaluateCommandOptions } from './command_options.js';
import { dataSource, testFingerprint } from './describe_data.js';
import { EXIT, printNote, UsageError, type ExitStatus } from './exit_status.js';
import { describeEvaluation } from './describe_evaluation.js';
import { count } from './format.js';
import { isBuiltIn, loadData } from './load_data.js';
import { preprocessingFor } from './model_preprocessing.js';
import { DRAWING, packagesOf } from './needed_packages.js';
import { findRecord, openModel } from './open_model.js';
import { writeEvaluationPictures } from './evaluation_pictures.js';
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
  const source = options.data ?? trained?.source ?? '';
  await loadAllOptional([...(options.out === undefined ? [] : DRAWING), ...(await packagesOf(source))]);
  checkInput(model);
  const data = await loadTestData({ location, options, model, notes, trained });
  process.stdout.write(`backend  ${backend}\ndata     ${data.name}: ${count(data.test.labels.length)} test images\n\n`);

  const { threshold } = options;
  const started = performance.now();
  const result = await evaluate(model, data.test, {
    batchSize: options.batch,
    ...(threshold !== undefined && { threshold }),
  });
  const speed = data.test.labels.length / ((performance.now() - started) / 1000);
  process.stdout.write(`${describeEvaluation(result, data.test)}\n${Math.round(speed)} images/s\n`);
  if (options.out !== undefined) {
    const written = await writeEvaluationPictures(options.out, model, data.test, result, threshold);
    process.stdout.write(`written to ${options.out}: ${written.join(', ')}\n`);
  }
  return EXIT.success;
}

/** A model, and what is known of its run. */
interface Evaluated {
  readonly location: string;
  readonly options: EvaluateCommandOptions;
  readonly model: tf.LayersModel;
  readonly notes: TrainingNotes;
  readonly trained: RunData | undefined;
}

/** Loads the test images; a note says if they are not those that the run held out. */
async function loadTestData({ location, options, model, notes, trained }: Evaluated): Promise<SplitImages> {
  const isOwn = trained !== undefined && (options.data === undefined || dataSource(options.data) === trained.source);
  const data = await loadData({
    data: await sourceOf(location, options.data, trained),
    expected: preprocessingFor(model, options, trained?.size ?? DEFAULT_SIZE),
    task: model.outputs[0]?.shape.length === 4 ? 'segment' : 'classify',
    seed: options.seed ?? notes.seed ?? DEFAULT_SEED,
    skipBroken: options.skipBroken ?? (isOwn && trained.skipBroken),
    // Training images are not used.
    limit: 1,
    onLeftOut: printNote,
  });
  checkClasses(notes, data.test.classNames);
  if (options.threshold !== undefined && !data.test.multiHot) {
    throw new UsageError(`option '--threshold' is for images with several labels, received data = '${data.name}'`);
  }
  if (isOwn && trained.test !== (await testFingerprint(data))) {
    printNote(
      `the test images differ from those held out in training, so some may have been trained on ('${trained.source}')`,
    );
  }
  return data;
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
  const exists = isBuiltIn(source) || (await fs.stat(source).catch(() => undefined)) !== undefined;
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
