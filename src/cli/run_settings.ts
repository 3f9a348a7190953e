/** Settings that determine the result of a run: saved in its checkpoint and restored from there by `--resume`. */
import { isDeepStrictEqual } from 'node:util';
import type { Checkpoint } from '../training/checkpoint.js';
import { FITS } from '../training/fits.js';
import { WEIGHT_TYPES } from '../training/weight_types.js';
import type { TrainCommandOptions } from './command_options.js';
import { dataSource } from './describe_data.js';
import { BACKEND_NAMES, MODEL_NAMES, SEGMENTER_NAMES, TASK_NAMES } from './model_names.js';
import { RECIPE_SETTINGS } from './recipe_options.js';
import { startSource } from './start_source.js';
import { isRunName } from './run_record.js';

type Setting = keyof typeof RUN_SETTINGS;
type RunSettings = Pick<TrainCommandOptions, Setting>;

const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value) && value >= 0;
const isMissingOrList = (value: unknown): boolean =>
  value === undefined || (Array.isArray(value) && value.every((item) => Number.isFinite(item)));
const isMissingOrNumber = (value: unknown): boolean => value === undefined || isNumber(value);

/** Type check of each saved setting; ranges are checked by the trainer and the network. */
const RUN_SETTINGS = {
  task: (value) => TASK_NAMES.some((name) => name === value),
  data: (value) => typeof value === 'string' && value !== '',
  limit: isMissingOrNumber,
  from: (value) => value === undefined || (typeof value === 'string' && value !== ''),
  freeze: (value) => isMissingOrNumber(value) || (typeof value === 'string' && value !== ''),
  unfreezeAfter: isMissingOrNumber,
  unfreezeRate: isMissingOrNumber,
  model: (value) => [...MODEL_NAMES, ...SEGMENTER_NAMES].some((name) => name === value),
  alpha: isNumber,
  deformable: isNumber,
  size: isMissingOrNumber,
  downsampling: isMissingOrNumber,
  epochs: isNumber,
  batch: isNumber,
  learningRate: isNumber,
  skipBroken: (value) => value === undefined || value === true,
  augmentation: (value) => typeof value === 'boolean',
  fit: (value) => FITS.some((fit) => fit === value),
  background: isMissingOrList,
  range: isMissingOrList,
  mean: isMissingOrList,
  std: isMissingOrList,
  seed: isNumber,
  weights: (value) => value === undefined || WEIGHT_TYPES.some((name) => name === value),
  backend: (value) => BACKEND_NAMES.some((name) => name === value),
  ...recipeSettings(),
} as const satisfies Partial<Record<keyof TrainCommandOptions, (value: unknown) => boolean>>;

/** Task of runs whose checkpoints have none. */
const OLD_TASK = { task: 'classify' } as const;
/** Runs whose checkpoints have no `fit` stretched their images and laid transparent ones on black. */
const OLD_SETTINGS = { fit: 'stretch', background: [0, 0, 0] } as const;

/** Checks of the options of a recipe, which are missing where they were not given. */
function recipeSettings(): typeof RECIPE_SETTINGS {
  const optional = Object.entries(RECIPE_SETTINGS).map(([name, check]) => [
    name,
    (value: unknown) => value === undefined || check(value),
  ]);
  return Object.fromEntries(optional) as typeof RECIPE_SETTINGS;
}

const NAMES = Object.keys(RUN_SETTINGS) as readonly Setting[];

/** Picks the settings from the options, in the form saved in checkpoints. */
export function runSettings(options: TrainCommandOptions): object {
  const { data, from } = options;
  const settings = { ...options, data: dataSource(data), from: from === undefined ? undefined : startSource(from) };
  return Object.fromEntries(NAMES.map((name) => [name, settings[name]]));
}

/**
 * Restores the options of an interrupted run.
 *
 * @param given Options from the command line, with defaults filled in.
 * @param isGiven Tells whether an option was given on the command line; it must then equal that of the interrupted run.
 * @param checkpoint Checkpoint of the interrupted run.
 */
export function restoreSettings(
  given: TrainCommandOptions,
  isGiven: (name: string) => boolean,
  { notes, file }: Checkpoint,
): TrainCommandOptions {
  const noted: object = notes ?? {};
  const saved = { ...OLD_TASK, ...('fit' in noted ? {} : OLD_SETTINGS), ...noted } as RunSettings;
  if (!NAMES.every((name) => RUN_SETTINGS[name](saved[name]))) {
    throw new Error(`Cannot resume: the checkpoint must have been saved by 'train', received file = '${file}'`);
  }
  const wanted = runSettings(given) as RunSettings;
  for (const name of NAMES) {
    if (!isGiven(name) || isDeepStrictEqual(wanted[name], saved[name])) continue;
    const option = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const rule = `the checkpoint '${file}' belongs to a run with ${option} = ${String(saved[name] ?? 'default')}`;
    throw new Error(`Cannot resume: ${rule}, received ${option} = ${String(wanted[name])}`);
  }
  return { ...given, ...Object.fromEntries(NAMES.map((name) => [name, saved[name]])) };
}

/** Unique ID of the run that a checkpoint belongs to; undefined in checkpoints of earlier versions. */
export function runOf({ notes }: Checkpoint): string | undefined {
  const { run } = (notes ?? {}) as { readonly run?: unknown };
  return isRunName(run) ? run : undefined;
}
