/** The command `analyze`: cost and receptive fields of a saved or named model, as tables and plots. */
import fs from 'node:fs';
import path from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import { cost } from '../analysis/cost.js';
import { receptiveField, withNewField } from '../analysis/receptive_field.js';
import { imageInput, noiseInput, writePlots, type AnalysisInput, type Reports } from './analysis_pictures.js';
import { loadAllOptional } from '../support/optional_package.js';
import { startBackend } from './backend.js';
import type { AnalyzeCommandOptions } from './command_options.js';
import { EXIT, UsageError, type ExitStatus } from './exit_status.js';
import { findModelName, MODEL_NAMES } from './model_names.js';
import { preprocessingFor } from './model_preprocessing.js';
import { buildNamedModel } from './named_models.js';
import { DRAWING, packagesOf } from './needed_packages.js';
import { openModel } from './open_model.js';
import { ANALYSIS_FOLDER, createNumberedFolder } from './run_folder.js';

/** Options that apply only to named models. */
const BUILD_OPTIONS = ['alpha', 'deformable', 'downsampling', 'channels', 'classes'] as const;

/** Tells whether an option was given on the command line. */
type IsGiven = (option: string) => boolean;

/**
 * Runs `analyze`.
 *
 * @param name Name of a network, or path of a saved model.
 * @param options Options with defaults filled in.
 * @param isGiven Tells whether an option was given on the command line.
 */
export async function runAnalyze(name: string, options: AnalyzeCommandOptions, isGiven: IsGiven): Promise<ExitStatus> {
  const wantsPlots = options.plots && (options.json !== true || options.out !== undefined);
  const packages = [
    ...(wantsPlots ? DRAWING : []),
    ...(options.image === undefined ? [] : await packagesOf(options.image)),
  ];
  await loadAllOptional(packages);
  await startBackend('wasm', options.threads);
  const model = await findModel(name, options, isGiven);
  const inputShapes = inputShapesOf(model, name, options.size, isGiven);
  const takesImages = inputShapes.length === 1 && inputShapes[0]!.length === 3;
  if (options.image !== undefined && !takesImages) {
    throw new UsageError(`option '--image' is only for models with a single image input, received model = '${name}'`);
  }
  const hasImageInput = inputShapes.some(({ length }) => length === 3);
  const reports: Reports = {
    cost: cost(model, { inputShape: inputShapes }),
    fields: hasImageInput ? receptiveField(model, { inputShape: inputShapes }) : undefined,
  };
  const image =
    options.image === undefined
      ? undefined
      : await imageInput(options.image, preprocessingFor(model, {}, options.size));
  printReports(reports, options.json ?? false);
  if (wantsPlots) {
    const input = image ?? (takesImages ? noiseInput(inputShapes[0]!) : undefined);
    await draw(name, model, input, reports, options);
  }
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
      `option '--${extra}' is only for named models (${MODEL_NAMES.join(', ')}), received model = '${name}'`,
    );
  }
  const isFileName = path.basename(name) !== name || path.extname(name) !== '';
  if (!isFileName && !fs.existsSync(name)) {
    const rule = 'there must be a model.json, or a folder with one, or a network of this name';
    throw new Error(`Cannot load the model: ${rule} (${MODEL_NAMES.join(', ')}), received model = '${name}'`);
  }
  return openModel(name);
}

/** Input shapes of a model, with unknown sizes filled in. */
function inputShapesOf(model: tf.LayersModel, name: string, size: number, isGiven: IsGiven): number[][] {
  const shapes = model.inputs.map(({ shape }) => shape.slice(1));
  const takesAnySize = shapes.flat().includes(null);
  if (!takesAnySize && findModelName(name) === undefined && isGiven('size')) {
    throw new UsageError(`option '--size' is only for named models and models of any size, received model = '${name}'`);
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
  const widened = { ...fields, layers: withNewField(fields.layers) };
  process.stdout.write(`\nlayers that widen the receptive field:\n${widened.toString()}\n`);
}

async function draw(
  name: string,
  model: tf.LayersModel,
  input: AnalysisInput | undefined,
  reports: Reports,
  { out, json = false }: AnalyzeCommandOptions,
): Promise<void> {
  const title = path.basename(path.resolve(name)).replace(/[^\w.-]+/g, '-');
  const folder = out ?? (await createNumberedFolder(ANALYSIS_FOLDER, title));
  const print = (text: string): void => {
    if (!json) process.stdout.write(`\n${text}\n`);
  };
  const written = await writePlots(model, input, reports, folder, print);
  const width = Math.max(...written.map(({ name: file }) => file.length));
  print(
    [
      `written to ${folder}:`,
      ...written.map(({ name: file, description }) => `  ${file.padEnd(width)}  ${description}`),
    ].join('\n'),
  );
}
