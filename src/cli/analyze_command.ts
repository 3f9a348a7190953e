/** `tfjs-convolutions analyze`: shapes, parameters and multiply-adds of a saved or named model. */
import type * as tf from '@tensorflow/tfjs';
import { cost } from '../analysis/cost.js';
import { startBackend } from './backend.js';
import { EXIT, UsageError, type ExitStatus } from './exit_status.js';
import { MODEL_NAMES, type ModelName } from './model_names.js';
import { buildNamedModel } from './named_models.js';
import { openModel } from './open_model.js';
import type { AnalyzeCommandOptions } from './program.js';

/** Options that only say how to build a named model. */
const BUILD_OPTIONS = ['alpha', 'deformable', 'size', 'downsampling', 'channels', 'classes'] as const;

/**
 * Analyzes a model as the command line says.
 *
 * @param name Name of a network, or where a model is saved.
 * @param options Options with defaults filled in.
 * @param isGiven Whether an option stood on the command line.
 */
export async function runAnalyze(
  name: string,
  options: AnalyzeCommandOptions,
  isGiven: (option: string) => boolean,
): Promise<ExitStatus> {
  await startBackend('wasm');
  const result = cost(await findModel(name, options, isGiven));
  process.stdout.write(`${options.json ? JSON.stringify(result, undefined, 2) : result.toString()}\n`);
  return EXIT.success;
}

async function findModel(
  name: string,
  options: AnalyzeCommandOptions,
  isGiven: (option: string) => boolean,
): Promise<tf.LayersModel> {
  if (isModelName(name)) {
    return buildNamedModel({ ...options, model: name, downsampling: options.downsampling ?? 'all', seed: 0 });
  }
  const extra = BUILD_OPTIONS.find(isGiven);
  if (extra !== undefined) {
    throw new UsageError(
      `option '--${extra}' is for named models (${MODEL_NAMES.join(', ')}), received model = '${name}'`,
    );
  }
  return openModel(name);
}

function isModelName(name: string): name is ModelName {
  return (MODEL_NAMES as readonly string[]).includes(name);
}
