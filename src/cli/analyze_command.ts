/** `tfjs-convolutions analyze`: what a saved or named model costs and sees, as tables and pictures. */
import path from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import { cost } from '../analysis/cost.js';
import { receptiveField, widening } from '../analysis/receptive_field.js';
import { loadVega } from '../plots/vega.js';
import { showImage, showNoise, writePictures, type Reports, type Shown } from './analysis_pictures.js';
import { startBackend } from './backend.js';
import type { AnalyzeCommandOptions } from './command_options.js';
import { EXIT, UsageError, type ExitStatus } from './exit_status.js';
import { findModelName, MODEL_NAMES } from './model_names.js';
import { buildNamedModel } from './named_models.js';
import { openModel } from './open_model.js';
import { ANALYSIS_FOLDER, createNumberedFolder } from './run_folder.js';

/** Options that only say how to build a named model. */
const BUILD_OPTIONS = ['alpha', 'deformable', 'downsampling', 'channels', 'classes'] as const;

/** Whether an option stood on the command line. */
type IsGiven = (option: string) => boolean;

/**
 * Analyzes a model as the command line says.
 *
 * @param name Name of a network, or where a model is saved.
 * @param options Options with defaults filled in.
 * @param isGiven Whether an option stood on the command line.
 */
export async function runAnalyze(name: string, options: AnalyzeCommandOptions, isGiven: IsGiven): Promise<ExitStatus> {
  await startBackend('wasm');
  const model = await findModel(name, options, isGiven);
  const inputShapes = inputShapesOf(model, name, options.size, isGiven);
  const isOfImages = inputShapes.length === 1 && inputShapes[0]!.length === 3;
  if (options.image !== undefined && !isOfImages) {
    throw new UsageError(`option '--image' is for models with one input of images, received model = '${name}'`);
  }
  const seesImages = inputShapes.some(({ length }) => length === 3);
  const reports: Reports = {
    cost: cost(model, { inputShape: inputShapes }),
    fields: seesImages ? receptiveField(model, { inputShape: inputShapes }) : undefined,
  };
  const shown = options.image === undefined ? undefined : await showImage(options.image, inputShapes[0]!);
  printReports(reports, options.json ?? false);
  const wanted = options.plots && (options.json !== true || options.out !== undefined);
  if (wanted) await draw(name, model, shown ?? (isOfImages ? showNoise(inputShapes[0]!) : undefined), reports, options);
  return EXIT.success;
}

async function findModel(name: string, options: AnalyzeCommandOptions, isGiven: IsGiven): Promise<tf.LayersModel> {
  const known = findModelName(name);
  if (known !== undefined) {
    return buildNamedModel({ ...options, model: known, downsampling: options.downsampling ?? 'all', seed: 0 });
  }
  const extra = BUILD_OPTIONS.find(isGiven);
  if (extra !== undefined) {
    throw new UsageError(
      `option '--${extra}' is for named models (${MODEL_NAMES.join(', ')}), received model = '${name}'`,
    );
  }
  return openModel(name);
}

/** The shapes of a model's inputs; images of any size are given one. */
function inputShapesOf(model: tf.LayersModel, name: string, size: number, isGiven: IsGiven): number[][] {
  const shapes = model.inputs.map(({ shape }) => shape.slice(1));
  const isOpen = shapes.flat().includes(null);
  if (!isOpen && findModelName(name) === undefined && isGiven('size')) {
    throw new UsageError(`option '--size' is for named models and models of any size, received model = '${name}'`);
  }
  return shapes.map((shape) => shape.map((known) => known ?? size));
}

function printReports({ cost: costs, fields }: Reports, json: boolean): void {
  if (json) {
    process.stdout.write(`${JSON.stringify({ cost: costs, receptiveField: fields }, undefined, 2)}\n`);
    return;
  }
  process.stdout.write(`${costs.toString()}\n`);
  if (fields === undefined) return;
  const grown = { ...fields, layers: widening(fields.layers) };
  process.stdout.write(`\nlayers that see more than the one before:\n${grown.toString()}\n`);
}

async function draw(
  name: string,
  model: tf.LayersModel,
  shown: Shown | undefined,
  reports: Reports,
  { out, json = false }: AnalyzeCommandOptions,
): Promise<void> {
  // Without these packages no folder is left behind.
  await loadVega();
  const title = path.basename(path.resolve(name)).replace(/[^\w.-]+/g, '-');
  const folder = out ?? (await createNumberedFolder(ANALYSIS_FOLDER, title));
  const print = (text: string): void => {
    if (!json) process.stdout.write(`\n${text}\n`);
  };
  const written = await writePictures(model, shown, reports, folder, print);
  const width = Math.max(...written.map(({ name: file }) => file.length));
  print(
    [`written to ${folder}:`, ...written.map(({ name: file, what }) => `  ${file.padEnd(width)}  ${what}`)].join('\n'),
  );
}
