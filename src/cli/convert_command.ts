/** The command `convert`: a saved model as an ONNX file, or as a file of Keras. */
import { promises as fs } from 'node:fs';
import type * as tf from '@tensorflow/tfjs';
import type { OnnxPreprocessing } from '../interop/onnx/export_onnx.js';
import { saveOnnx } from '../interop/onnx/save_onnx.js';
import { saveKeras } from '../interop/save_keras.js';
import { preprocessingOf } from '../training/preprocessing.js';
import { startBackend } from './backend.js';
import type { ConvertCommandOptions } from './command_options.js';
import { EXIT, UsageError, type ExitStatus } from './exit_status.js';
import { count } from './format.js';
import { openModel } from './open_model.js';

/** Metadata that `train` saved in the model. */
interface TrainingNotes {
  readonly classNames?: readonly string[];
}

/**
 * Runs `convert`.
 *
 * @param location folder of a run or a model, path of a model.json or of a file of Keras
 * @param file file to write, in the format of its extension
 * @param options options with defaults filled in
 * @param given names of the options that were given on the command line, as it spells them
 */
export async function runConvert(
  location: string,
  file: string,
  options: ConvertCommandOptions,
  given: readonly string[],
): Promise<ExitStatus> {
  const isKeras = file.endsWith('.keras');
  if (!isKeras && !file.endsWith('.onnx')) {
    throw new UsageError(`argument 'file' must end in '.onnx' or '.keras', received file = '${file}'`);
  }
  if (isKeras && given.length > 0) {
    throw new UsageError(`option '${given[0]!}' is for files that end in '.onnx', received file = '${file}'`);
  }
  await startBackend('cpu');
  const model = await openModel(location);
  await (isKeras ? saveKeras(model, file) : writeOnnx(model, file, options));
  const { size } = await fs.stat(file);
  process.stdout.write(`written to ${file}: ${count(Math.ceil(size / 1024))} KiB\n`);
  return EXIT.success;
}

async function writeOnnx(model: tf.LayersModel, file: string, options: ConvertCommandOptions): Promise<void> {
  const notes = (model.getUserDefinedMetadata() as TrainingNotes | undefined) ?? {};
  const { inputShape, classNames = notes.classNames, preprocessing, ...same } = options;
  // Training records the class names with the preprocessing.
  const recorded = notes.classNames === undefined ? undefined : preprocessingOf(model);
  const scaling = preprocessing && { scale: preprocessing[0], offset: preprocessing[1] };
  await saveOnnx(model, file, {
    ...same,
    ...(inputShape !== undefined && { inputShape: [...inputShape] }),
    ...(classNames !== undefined && { classNames }),
    ...((recorded ?? scaling) && { preprocessing: { ...recorded, ...scaling } as OnnxPreprocessing }),
  });
}
