/** The command `convert`: a saved model as an ONNX file. */
import { promises as fs } from 'node:fs';
import type { OnnxPreprocessing } from '../interop/onnx/export_onnx.js';
import { saveOnnx } from '../interop/onnx/save_onnx.js';
import { startBackend } from './backend.js';
import type { ConvertCommandOptions } from './command_options.js';
import { EXIT, UsageError, type ExitStatus } from './exit_status.js';
import { count } from './format.js';
import { openModel } from './open_model.js';

/** Metadata that `train` saved in the model. */
interface TrainingNotes {
  readonly classNames?: readonly string[];
  /** Unique ID of the run. */
  readonly run?: string;
}

/** Pixels from 0 to 255 as `train` gives them to models: from −1 to 1. */
const OF_RUNS: OnnxPreprocessing = { scale: 2 / 255, offset: -1 };

/** Runs `convert`. */
export async function runConvert(location: string, file: string, options: ConvertCommandOptions): Promise<ExitStatus> {
  if (!file.endsWith('.onnx')) {
    throw new UsageError(`argument 'file' must end in '.onnx', received file = '${file}'`);
  }
  await startBackend('cpu');
  const model = await openModel(location);
  const notes = (model.getUserDefinedMetadata() as TrainingNotes | undefined) ?? {};
  const { inputShape, classNames = notes.classNames, preprocessing, ...same } = options;
  const scaling = toPreprocessing(preprocessing) ?? (notes.run === undefined ? undefined : OF_RUNS);
  await saveOnnx(model, file, {
    ...same,
    ...(inputShape !== undefined && { inputShape: [...inputShape] }),
    ...(classNames !== undefined && { classNames }),
    ...(scaling !== undefined && { preprocessing: scaling }),
  });
  const { size } = await fs.stat(file);
  process.stdout.write(`written to ${file}: ${count(Math.ceil(size / 1024))} KiB\n`);
  return EXIT.success;
}

function toPreprocessing(given: ConvertCommandOptions['preprocessing']): OnnxPreprocessing | undefined {
  return given && { scale: given[0], offset: given[1] };
}
