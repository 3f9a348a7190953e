/** What decides the result of a run: saved in its checkpoint, taken from there by `--resume`. */
import path from 'node:path';
import type { Checkpoint } from '../training/checkpoint.js';
import { BUILT_IN_DATA } from './load_data.js';
import type { TrainCommandOptions } from './program.js';

const RUN_SETTINGS = [
  'data',
  'limit',
  'model',
  'alpha',
  'deformable',
  'size',
  'downsampling',
  'epochs',
  'batch',
  'learningRate',
  'augmentation',
  'seed',
  'backend',
] as const satisfies readonly (keyof TrainCommandOptions)[];

type RunSettings = Pick<TrainCommandOptions, (typeof RUN_SETTINGS)[number]>;

/** The settings among the options, in the form in which a checkpoint keeps them. */
export function runSettings(options: TrainCommandOptions): object {
  const { data } = options;
  return Object.fromEntries(
    RUN_SETTINGS.map((name) => [name, name === 'data' && data !== BUILT_IN_DATA ? path.resolve(data) : options[name]]),
  );
}

/**
 * The options of an interrupted run.
 *
 * @param given Options of the command line with defaults filled in.
 * @param isGiven Whether an option stood on the command line; such a setting must be that of the interrupted run.
 * @param checkpoint Checkpoint of the interrupted run.
 */
export function restoreSettings(
  given: TrainCommandOptions,
  isGiven: (name: string) => boolean,
  { notes, file }: Checkpoint,
): TrainCommandOptions {
  const saved = notes as RunSettings | null;
  if (typeof saved !== 'object' || saved === null || typeof saved.model !== 'string') {
    throw new Error(`Cannot resume: the checkpoint must be one that 'train' saved, received file = '${file}'`);
  }
  const wanted = runSettings(given) as RunSettings;
  for (const name of RUN_SETTINGS) {
    if (!isGiven(name) || wanted[name] === saved[name]) continue;
    const option = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const rule = `the checkpoint '${file}' is of a run with ${option} = ${String(saved[name] ?? 'default')}`;
    throw new Error(`Cannot resume: ${rule}, received ${option} = ${String(wanted[name])}`);
  }
  return { ...given, ...saved };
}
