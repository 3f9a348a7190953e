/** The command `convert`: a saved model as an ONNX file, as a file of Keras, or with its weights stored in another type. */
import { promises as fs } from 'node:fs';
import path from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import type { OnnxPreprocessing } from '../interop/onnx/export_onnx.js';
import { saveOnnx } from '../interop/onnx/save_onnx.js';
import { saveKeras } from '../interop/save_keras.js';
import { evaluate } from '../training/evaluate.js';
import { MODEL_FILES } from '../training/model_encoding.js';
import { saveModel } from '../training/model_files.js';
import { preprocessingOf } from '../training/preprocessing.js';
import type { WeightType } from '../training/weight_types.js';
import { startBackend } from './backend.js';
import type { ConvertCommandOptions } from './command_options.js';
import { EXIT, UsageError, type ExitStatus } from './exit_status.js';
import { count } from './format.js';
import { loadData } from './load_data.js';
import { preprocessingFor } from './model_preprocessing.js';
import { findRecord, openModel } from './open_model.js';
import type { RunRecord } from './run_record.js';
import { describeLoss } from './stored_accuracy.js';

/** Metadata that `train` saved in the model. */
interface TrainingNotes {
  readonly classNames?: readonly string[];
  /** True if images may have several labels. */
  readonly multiLabel?: boolean;
  /** Unique ID of the run. */
  readonly run?: string;
}

/**
 * Runs `convert`.
 *
 * @param location folder of a run or a model, path of a model.json or of a file of Keras
 * @param file file to write, in the format of its extension; a folder if it has none
 * @param options options with defaults filled in
 * @param given names of the options that were given on the command line, as it spells them
 */
export async function runConvert(
  location: string,
  file: string,
  options: ConvertCommandOptions,
  given: readonly string[],
): Promise<ExitStatus> {
  const isFolder = path.extname(file) === '';
  const isKeras = file.endsWith('.keras');
  if (!isFolder && !isKeras && !file.endsWith('.onnx')) {
    const rule = "argument 'file' must end in '.onnx' or '.keras', or be a folder for a model.json";
    throw new UsageError(`${rule}, received file = '${file}'`);
  }
  const [unused] = isFolder ? given.filter((option) => option !== '--weights') : given;
  if ((isFolder || isKeras) && unused !== undefined) {
    throw new UsageError(`option '${unused}' is for files that end in '.onnx', received file = '${file}'`);
  }
  if (!isFolder && options.weights === 'uint8') {
    throw new UsageError(`option '--weights uint8' is for a folder, received file = '${file}'`);
  }
  await startBackend(isFolder ? 'wasm' : 'cpu');
  const model = await openModel(location);
  if (isFolder) {
    await writeFolder(model, location, file, options.weights);
    return EXIT.success;
  }
  await (isKeras ? saveKeras(model, file) : writeOnnx(model, file, options));
  const { size } = await fs.stat(file);
  process.stdout.write(`written to ${file}: ${count(Math.ceil(size / 1024))} KiB\n`);
  return EXIT.success;
}

async function writeOnnx(model: tf.LayersModel, file: string, options: ConvertCommandOptions): Promise<void> {
  const notes = (model.getUserDefinedMetadata() as TrainingNotes | undefined) ?? {};
  const { inputShape, classNames = notes.classNames, preprocessing, weights, ...same } = options;
  // Training records the class names with the preprocessing.
  const recorded = notes.classNames === undefined ? undefined : preprocessingOf(model);
  const scaling = preprocessing && { scale: preprocessing[0], offset: preprocessing[1] };
  await saveOnnx(model, file, {
    ...same,
    ...(notes.multiLabel === true && { metadata: { multi_label: 'true', ...same.metadata } }),
    ...(weights !== 'uint8' && { weights }),
    ...(inputShape !== undefined && { inputShape: [...inputShape] }),
    ...(classNames !== undefined && { classNames }),
    ...((recorded ?? scaling) && { preprocessing: { ...recorded, ...scaling } as OnnxPreprocessing }),
  });
}

/** Writes a folder for tf.loadLayersModel, and says what other weights cost. */
async function writeFolder(
  model: tf.LayersModel,
  location: string,
  folder: string,
  weights: WeightType,
): Promise<void> {
  await saveModel(model, folder, { weights });
  const { size } = await fs.stat(path.join(folder, MODEL_FILES.weights));
  process.stdout.write(`written to ${folder}: ${count(Math.ceil(size / 1024))} KiB of weights\n`);
  const { run } = (model.getUserDefinedMetadata() as TrainingNotes | undefined) ?? {};
  const record = await findRecord(location, run);
  if (weights === 'float32' || record === undefined) return;
  // The model is written; images that are gone since it was trained do not change that.
  const line = await measureLoss(model, folder, record, weights).catch(
    (error: unknown) => `accuracy not measured: ${error instanceof Error ? error.message : String(error)}`,
  );
  process.stdout.write(`${line}\n`);
}

/** Says what weights in another type cost, on the test images of the run. */
async function measureLoss(
  model: tf.LayersModel,
  folder: string,
  record: RunRecord,
  weights: WeightType,
): Promise<string> {
  const { test } = await loadData({
    data: record.data.source,
    expected: preprocessingFor(model, {}, record.data.size),
    seed: record.data.seed,
    onLeftOut: () => undefined,
  });
  const { accuracy } = await evaluate(model, test);
  return describeLoss(folder, test, accuracy, weights);
}
