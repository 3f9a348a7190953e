/** Cross-entropy of one class out of several. */
import { described } from '../description.js';
import * as tf from '@tensorflow/tfjs';
import { checkBoolean } from '../../errors.js';
import { checkOptions, type OptionNames } from '../../support/check_options.js';
import { checkPair, checkSmoothing, checkWeights, clipped, normalized, smoothed, weighted, type Loss } from './loss.js';

/** Options of {@link categoricalCrossentropy}. */
export interface CategoricalCrossentropyOptions {
  /** True if predictions are logits, before softmax; more accurate than probabilities. @default false */
  readonly fromLogits?: boolean;
  /** Fraction of the target that is spread evenly over all classes, from 0 to 1. @default 0 */
  readonly labelSmoothing?: number;
  /** Factor of the loss of the examples of each class, such as `classWeights()` returns. @default 1 for all */
  readonly classWeights?: readonly number[];
}

const ACTION = 'compute the cross-entropy';
const OPTIONS: OptionNames<CategoricalCrossentropyOptions> = {
  fromLogits: true,
  labelSmoothing: true,
  classWeights: true,
};

/**
 * Creates the loss −Σ target · log(probability) over the last axis, with the values of Keras's `CategoricalCrossentropy`.
 *
 * @param options logits, smoothing and weights; see {@link CategoricalCrossentropyOptions}
 * @throws TypeError or RangeError if an option is unknown or out of range; the loss: RangeError if shapes differ
 * @example
 * ```ts
 * import { losses } from 'tfjs-convolutions/training';
 *
 * const loss = losses.categoricalCrossentropy({ fromLogits: true });
 * const values = loss(tf.tensor2d([[0, 1]]), tf.tensor2d([[0, 0]]));
 * console.log(Number(values.dataSync()[0].toFixed(4))); // 0.6931
 * ```
 */
export function categoricalCrossentropy(options: CategoricalCrossentropyOptions = {}): Loss {
  checkOptions(ACTION, options, OPTIONS);
  const fromLogits = checkBoolean(ACTION, 'fromLogits', options.fromLogits ?? false);
  const smoothing = checkSmoothing(ACTION, options.labelSmoothing ?? 0);
  const weights = checkWeights(ACTION, 'classWeights', options.classWeights);
  return described('categoricalCrossentropy', options, (truth, prediction) => {
    checkPair(ACTION, truth, prediction, weights);
    return tf.tidy(() => {
      const target = smoothed(truth, smoothing, 1 / truth.shape.at(-1)!);
      const logarithms = fromLogits ? tf.logSoftmax(prediction) : tf.log(clipped(normalized(prediction)));
      return weighted(tf.neg(tf.sum(tf.mul(target, logarithms), -1)), truth, weights);
    });
  });
}
