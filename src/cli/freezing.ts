/** `--freeze` and `--unfreeze-after`: which layers of a network a phase of a run trains. */
import * as tf from '@tensorflow/tfjs';
import { freeze, freezeNormalizations, unfreeze } from '../models/freeze.js';
import { headOf, pathTo } from '../models/head.js';
import type { TrainCommandOptions } from './command_options.js';
import { UsageError } from './exit_status.js';

/** A part of a run with its own learning rate and its own frozen layers. */
export interface Phase {
  /** Number of epochs before the phase. */
  readonly start: number;
  readonly epochs: number;
  readonly learningRate: number;
  /** Random seed for shuffling and augmentation. */
  readonly seed: number;
  /** Layers to freeze, as `--freeze` names them; `'normalizations'` trains all others. */
  readonly frozen: number | string;
}

const ACTION = 'freeze layers';
/** Fraction of the learning rate at which unfrozen layers are trained. */
const UNFROZEN_RATE = 0.1;
const SEEDS = 2 ** 32;

/** Throws for options of phases that do not go together, or without `--from`. */
export function checkPhases(options: TrainCommandOptions): void {
  const { from, freeze: frozen, unfreezeAfter, unfreezeRate } = options;
  const given = Object.entries({ freeze: frozen, 'unfreeze-after': unfreezeAfter, 'unfreeze-rate': unfreezeRate });
  const [name] = given.find(([, value]) => from === undefined && value !== undefined) ?? [];
  if (name !== undefined) throw new UsageError(`option '--${name}' is only used with '--from'`);
  phasesOf(options);
}

/**
 * Phases of a run: one, or two with `--unfreeze-after`. In the second, normalisations stay frozen: their statistics of the
 * data that the network was trained on are better than those of a few images, and what follows them has learned with these.
 *
 * @see https://keras.io/guides/transfer_learning/#finetuning
 */
export function phasesOf(options: TrainCommandOptions): readonly Phase[] {
  const { epochs, learningRate, seed, unfreezeAfter: first, unfreezeRate, freeze: frozen } = options;
  if (first === undefined) {
    if (unfreezeRate !== undefined) {
      throw new UsageError("option '--unfreeze-rate' is only used with '--unfreeze-after'");
    }
    return [{ start: 0, epochs, learningRate, seed, frozen: frozen ?? 'none' }];
  }
  const apart = { '--freeze none': frozen === 'none', ...wholeRun(options) };
  const [other] = Object.entries(apart).find(([, isGiven]) => isGiven) ?? [];
  if (other !== undefined) throw new UsageError(`option '--unfreeze-after' cannot be used with '${other}'`);
  if (first >= epochs) {
    throw new UsageError(`option '--unfreeze-after' must be below the number of epochs, ${epochs}, received ${first}`);
  }
  return [
    { start: 0, epochs: first, learningRate, seed, frozen: frozen ?? 'all' },
    {
      start: first,
      epochs: epochs - first,
      learningRate: unfreezeRate ?? UNFROZEN_RATE * learningRate,
      seed: (seed + 1) % SEEDS,
      frozen: 'normalizations',
    },
  ];
}

/** Options that watch a whole run, which has one trainer. */
function wholeRun({ earlyStopping, keepBest, seconds }: TrainCommandOptions): Readonly<Record<string, boolean>> {
  return {
    '--early-stopping': earlyStopping !== undefined,
    '--keep-best': keepBest === true,
    '--seconds': seconds !== undefined,
  };
}

/**
 * Freezes the layers of a phase and unfreezes all others, however they were before.
 *
 * @returns a line that says what is trained
 */
export function freezeFor(model: tf.LayersModel, { frozen }: Pick<Phase, 'frozen'>): string {
  unfreeze(model);
  const all = weightedLayers(model);
  if (frozen === 'normalizations') freezeNormalizations(model);
  else if (frozen === 'all') {
    freeze(model);
    unfreeze(model, { from: pathTo(model, headOf(ACTION, model).layer) });
  } else if (typeof frozen === 'number') {
    if (frozen >= all.length) {
      const rule = `--freeze must leave one of the ${all.length} layers with weights to train`;
      throw new Error(`Cannot ${ACTION}: ${rule}, received --freeze = ${frozen}`);
    }
    freeze(model, { upTo: pathTo(model, all[frozen - 1]!) });
  } else if (frozen !== 'none') freeze(model, { upTo: frozen });
  const trained = all.filter(({ trainableWeights }) => trainableWeights.length > 0).length;
  const parameters = model.trainableWeights.reduce(
    (sum, { shape }) => sum + tf.util.sizeFromShape([...shape] as number[]),
    0,
  );
  return `${trained} of ${all.length} layers with weights (${parameters.toLocaleString('en')} parameters)`;
}

/** Layers with weights, those of nested models included. */
function weightedLayers({ layers }: tf.LayersModel): readonly tf.layers.Layer[] {
  return layers.flatMap((layer) => {
    if (layer instanceof tf.LayersModel) return weightedLayers(layer);
    return layer.weights.length > 0 ? [layer] : [];
  });
}
