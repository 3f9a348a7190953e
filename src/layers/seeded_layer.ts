/** Layers that draw random numbers in training: their seed, and the key of each draw. */
import type * as tf from '@tensorflow/tfjs';
import { checkInteger, type Action } from '../errors.js';
import { MAX_SEED, type PhiloxKey } from '../kernel/philox.js';
import { randomKey } from '../ops/dropout/apply.js';
import { isAbsent } from './config.js';

/** A layer whose n-th draw depends on (seed, n) alone or, without a seed, on `Math.random()`. */
export interface SeededLayer {
  readonly seed: number | undefined;
  /** Number of draws with the seed, modulo 2³²; part of a checkpoint. */
  drawn: number;
}

/** Reads a seed; an absent one is undefined. */
export function readSeed(action: Action, seed: unknown): number | undefined {
  return isAbsent(seed) ? undefined : checkInteger(action, 'seed', seed, 0, MAX_SEED);
}

/** Returns the key of the next draw, and counts it. */
export function nextKey(layer: SeededLayer): PhiloxKey {
  if (layer.seed === undefined) return randomKey();
  const number = layer.drawn;
  layer.drawn = (number + 1) >>> 0;
  return [layer.seed, number];
}

/** True for a layer with a seed. */
export function isSeeded(layer: tf.layers.Layer): layer is tf.layers.Layer & SeededLayer {
  const { seed, drawn } = layer as Partial<SeededLayer>;
  return typeof seed === 'number' && typeof drawn === 'number';
}
