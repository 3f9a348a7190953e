/** Options of `train` that depend on its data: `npm start` alone trains on scenes of digits, with a network of their own. */
import type { TrainCommandOptions } from './command_options.js';
import { UsageError } from './exit_status.js';
import { BUILT_IN_DATA, isBuiltIn } from './load_data.js';
import { isSegmenterName, SEGMENTER_NAMES } from './model_names.js';
import { SCENES } from './scenes/load_digit_scenes.js';
import { SCENE_DEFAULTS } from './scenes/scene_network.js';

/** Options as the parser gives them. */
export type GivenTrainOptions = Omit<TrainCommandOptions, 'data'> & Partial<Pick<TrainCommandOptions, 'data'>>;

/** Options that choose a classifier, which is trained on the single digits unless there is other data. */
const NETWORK_OPTIONS = ['model', 'from', 'alpha', 'deformable', 'size', 'downsampling'] as const;
/** Options without a meaning for scenes. */
const NOT_FOR_SCENES = ['model', 'from', 'alpha', 'size', 'downsampling', 'fit', 'background', 'classWeights'] as const;

/** Options of a segmentation unless others are given: the decoder makes it slower than a classifier. */
const SEGMENT_DEFAULTS = { model: SEGMENTER_NAMES[0], alpha: 0.35, deformable: 0, size: 64 } as const;

/** Fills in the data, and the options that scenes have other defaults of. */
export function withDataDefaults(given: GivenTrainOptions, isGiven: (name: string) => boolean): TrainCommandOptions {
  if (isGiven('model') && isSegmenterName(given.model) !== (given.task === 'segment')) {
    throw new UsageError(`option '--model ${given.model}' cannot be used with option '--task ${given.task}'`);
  }
  if (given.task === 'segment' && given.data !== SCENES) return segmentDefaults(given, isGiven);
  const data = given.data ?? (NETWORK_OPTIONS.some(isGiven) ? BUILT_IN_DATA : SCENES);
  if (data !== SCENES) return { ...given, data };
  const wrong = NOT_FOR_SCENES.find(isGiven);
  if (wrong !== undefined) {
    const flag = wrong.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new UsageError(`option '--${flag}' cannot be used with option '--data ${SCENES}'`);
  }
  if (isGiven('deformable') && given.deformable > 1) {
    throw new UsageError(
      `option '--deformable' must be 0 or 1 with option '--data ${SCENES}', received deformable = ${given.deformable}`,
    );
  }
  const own = Object.entries(SCENE_DEFAULTS).filter(([name]) => !isGiven(name));
  return {
    ...given,
    ...Object.fromEntries(own),
    data,
    deformable: isGiven('deformable') ? given.deformable : 1,
    // Every scene has a size and a place of its own.
    augmentation: given.augment !== undefined,
  };
}

function segmentDefaults(given: GivenTrainOptions, isGiven: (name: string) => boolean): TrainCommandOptions {
  const { data } = given;
  if (data === undefined || isBuiltIn(data)) {
    throw new UsageError("option '--task segment' needs option '--data' with a folder of images and masks");
  }
  // A trained model has all of these.
  if (given.from !== undefined) return { ...given, data };
  const own = Object.entries(SEGMENT_DEFAULTS).filter(([name]) => !isGiven(name));
  return { ...given, ...Object.fromEntries(own), data };
}
