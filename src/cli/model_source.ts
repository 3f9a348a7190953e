/** The network of a run: that of the data, by name, from a trained model (`--from`), or as an interrupted run had it. */
import path from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import type { SplitImages } from '../training/image_source.js';
import { loadModel } from '../training/model_files.js';
import { preprocessingOf } from '../training/preprocessing.js';
import { averagesMomentum } from './averages_momentum.js';
import type { TrainCommandOptions } from './command_options.js';
import { isSegmenterName } from './model_names.js';
import { buildNamedModel } from './named_models.js';
import { buildNamedSegmenter } from './named_segmenters.js';
import { RUN_FILES } from './run_record.js';
import { SCENES } from './scenes/load_digit_scenes.js';
import { buildSceneNetwork } from './scenes/scene_network.js';
import { activationFor, squareSize, type ModelSource } from './sourced_model.js';
import { openStart } from './start_model.js';

/**
 * Opens the network of a run.
 *
 * @param isGiven Tells whether an option was given on the command line.
 * @param resumed folder of the interrupted run, if one is resumed
 */
export async function openSource(
  options: TrainCommandOptions,
  isGiven: (name: string) => boolean,
  resumed: string | undefined,
): Promise<ModelSource> {
  const { from } = options;
  if (from === undefined) return { build: (data) => Promise.resolve({ model: buildNew(options, data) }) };
  if (resumed === undefined) return openStart(from, options, isGiven);
  const model = await loadModel(path.join(resumed, RUN_FILES.start));
  return { expected: preprocessingOf(model), build: () => Promise.resolve({ model, origin: from }) };
}

function buildNew(options: TrainCommandOptions, data: SplitImages): tf.LayersModel {
  if (options.data === SCENES) return buildSceneNetwork(options.deformable > 0 ? 'deformable' : 'wide', options.seed);
  const { channels, classNames, labels } = data.train;
  const normalizationMomentum = averagesMomentum(options.epochs * Math.ceil(labels.length / options.batch));
  const settings = { ...options, size: squareSize(data), channels, classes: classNames.length };
  const { model } = options;
  if (isSegmenterName(model)) return buildNamedSegmenter({ ...settings, model, normalizationMomentum });
  return buildNamedModel({ ...settings, model, normalizationMomentum, activation: activationFor(data) });
}
