/** Cross-entropy of several labels, each of which is there or not. */
import { described } from '../description.js';
import * as tf from '@tensorflow/tfjs';
import { checkBoolean } from '../../errors.js';
import { checkOptions, type OptionNames } from '../../support/check_options.js';
import { checkPair, checkSmoothing, checkWeights, clipped, smoothed, type Loss } from './loss.js';

/** Options of {@link binaryCrossentropy}. */
export interface BinaryCrossentropyOptions {
  /** True if predictions are logits, before the sigmoid; more accurate than probabilities. @default false */
  readonly fromLogits?: boolean;
  /** Fraction by which targets move towards 0.5, from 0 to 1. @default 0 */
  readonly labelSmoothing?: number;
  /** Factor of the loss of each label where it is present: torch's `pos_weight`. @default 1 for all */
  readonly positiveWeights?: readonly number[];
}

const ACTION = 'compute the binary cross-entropy';
const OPTIONS: OptionNames<BinaryCrossentropyOptions> = {
  fromLogits: true,
  labelSmoothing: true,
  positiveWeights: true,
};

/**
 * Creates the loss for examples with several labels: the mean over the last axis of
 * −target · log(p) − (1 − target) · log(1 − p), with the values of Keras's `BinaryCrossentropy`.
 *
 * @param options logits, smoothing and weights; see {@link BinaryCrossentropyOptions}
 * @throws TypeError or RangeError if an option is unknown or out of range; the loss: RangeError if shapes differ
 * @example
 * ```ts
 * import { losses } from 'tfjs-convolutions/training';
 *
 * const values = losses.binaryCrossentropy({ fromLogits: true })(tf.tensor2d([[1, 0, 1]]), tf.tensor2d([[0, 0, 0]]));
 * console.log(Number(values.dataSync()[0].toFixed(4))); // 0.6931
 * ```
 */
export function binaryCrossentropy(options: BinaryCrossentropyOptions = {}): Loss {
  checkOptions(ACTION, options, OPTIONS);
  const fromLogits = checkBoolean(ACTION, 'fromLogits', options.fromLogits ?? false);
  const smoothing = checkSmoothing(ACTION, options.labelSmoothing ?? 0);
  const weights = checkWeights(ACTION, 'positiveWeights', options.positiveWeights);
  return described('binaryCrossentropy', options, (truth, prediction) => {
    checkPair(ACTION, truth, prediction, weights);
    return tf.tidy(() => {
      const target = smoothed(truth, smoothing, 0.5);
      const [present, absent] = fromLogits
        ? [tf.softplus(tf.neg(prediction)), tf.softplus(prediction)]
        : [tf.neg(tf.log(clipped(prediction))), tf.neg(tf.log(tf.sub(1, clipped(prediction))))];
      const positive = weights === undefined ? present : tf.mul(present, tf.tensor1d([...weights]));
      return tf.mean(tf.add(tf.mul(target, positive), tf.mul(tf.sub(1, target), absent)), -1);
    });
  });
}
