/** The command `convert`: a saved model as an ONNX file. */
import { promises as fs } from 'node:fs';
import type { OnnxPreprocessing } from '../interop/onnx/export_onnx.js';
import { saveOnnx } from '../interop/onnx/save_onnx.js';
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

/** Runs `convert`. */
export async function runConvert(location: string, file: string, options: ConvertCommandOptions): Promise<ExitStatus> {
  if (!file.endsWith('.onnx')) {
    throw new UsageError(`argument 'file' must end in '.onnx', received file = '${file}'`);
  }
  await startBackend('cpu');
  const model = await openModel(location);
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
  const { size } = await fs.stat(file);
  process.stdout.write(`written to ${file}: ${count(Math.ceil(size / 1024))} KiB\n`);
  return EXIT.success;
}
