/** Continuation of a run of a frozen network: title and settings of the run that trains all layers. */
import type { SavedRun } from './run_store.js';

/** Fraction of the learning rate at which layers train that were frozen before; as on the command line. */
const RATE = 0.1;
const SEEDS = 2 ** 32;

export function fineTuned(run: SavedRun): SavedRun {
  const { learningRate, seed } = run.settings;
  const settings = { ...run.settings, learningRate: RATE * learningRate, seed: (seed + 1) % SEEDS };
  return { ...run, title: `${run.title}, all layers`, settings };
}
