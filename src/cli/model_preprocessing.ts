/** Preprocessing options of the command line, and the preprocessing of a saved model. */
import type * as tf from '@tensorflow/tfjs';
import {
  choosePreprocessing,
  preprocessingOf,
  type Colour,
  type Fit,
  type Preprocessing,
} from '../training/preprocessing.js';

/** Options that choose a preprocessing. */
export interface PreprocessingFlags {
  readonly fit?: Fit;
  readonly background?: Colour;
  readonly range?: readonly [number, number];
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
}

/** Picks the options in the form that functions of the package take: one number for all channels, or a list. */
export function chosenPreprocessing({ fit, background, range, mean, std }: PreprocessingFlags): PreprocessingFlags {
  return {
    ...(fit !== undefined && { fit }),
    ...(background !== undefined && { background }),
    ...(range !== undefined && { range }),
    ...(mean !== undefined && { mean: forChannels(mean) }),
    ...(std !== undefined && { std: forChannels(std) }),
  } as PreprocessingFlags;
}

function forChannels(values: readonly number[]): number | readonly number[] {
  return values.length === 1 ? values[0]! : values;
}

/**
 * The preprocessing for a saved model: what it records, except for what the options choose.
 *
 * @param size height and width for a model that takes any and records none, in pixels
 */
export function preprocessingFor(model: tf.LayersModel, flags: PreprocessingFlags, size?: number): Preprocessing {
  const recorded = preprocessingOf(model, size);
  const chosen = choosePreprocessing('prepare images', recorded, {
    fit: recorded.fit,
    background: recorded.background,
    ...chosenPreprocessing(flags),
  });
  const isScaled = flags.range !== undefined || flags.mean !== undefined;
  return isScaled ? chosen : { ...chosen, scale: recorded.scale, offset: recorded.offset };
}
