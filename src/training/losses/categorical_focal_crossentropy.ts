/** Focal loss: T.-Y. Lin et al., "Focal Loss for Dense Object Detection", arXiv 1708.02002, in Keras's form for classes. */
import { described } from '../description.js';
import * as tf from '@tensorflow/tfjs';
import { checkBoolean, checkNumber } from '../../errors.js';
import { checkOptions, type OptionNames } from '../../support/check_options.js';
import type { CategoricalCrossentropyOptions } from './categorical_crossentropy.js';
import { checkPair, checkSmoothing, checkWeights, clipped, normalized, smoothed, weighted, type Loss } from './loss.js';

/** Options of {@link categoricalFocalCrossentropy}. */
export interface CategoricalFocalCrossentropyOptions extends CategoricalCrossentropyOptions {
  /** Exponent of 1 − probability: the higher, the less do examples count that are classified well. @default 2 */
  readonly gamma?: number;
  /** Factor of the loss. @default 0.25 */
  readonly alpha?: number;
}

const ACTION = 'compute the focal loss';
const OPTIONS: OptionNames<CategoricalFocalCrossentropyOptions> = {
  fromLogits: true,
  labelSmoothing: true,
  classWeights: true,
  gamma: true,
  alpha: true,
};

/**
 * Creates the loss −alpha · Σ (1 − p)^gamma · target · log(p) over the last axis, with the values of Keras's
 * `CategoricalFocalCrossentropy`.
 *
 * @param options exponent, factor, logits, smoothing and weights; see {@link CategoricalFocalCrossentropyOptions}
 * @throws TypeError or RangeError if an option is unknown or out of range; the loss: RangeError if shapes differ
 * @see Lin et al., "Focal Loss for Dense Object Detection" (2017), equation 5
 * @example
 * ```ts
 * import { losses } from 'tfjs-convolutions/training';
 *
 * const values = losses.categoricalFocalCrossentropy()(tf.tensor2d([[0, 1]]), tf.tensor2d([[0.5, 0.5]]));
 * console.log(Number(values.dataSync()[0].toFixed(4))); // 0.0433
 * ```
 */
export function categoricalFocalCrossentropy(options: CategoricalFocalCrossentropyOptions = {}): Loss {
  checkOptions(ACTION, options, OPTIONS);
  const fromLogits = checkBoolean(ACTION, 'fromLogits', options.fromLogits ?? false);
  const smoothing = checkSmoothing(ACTION, options.labelSmoothing ?? 0);
  const weights = checkWeights(ACTION, 'classWeights', options.classWeights);
  const gamma = checkNumber(ACTION, 'gamma', options.gamma ?? 2, { from: 0 });
  const alpha = checkNumber(ACTION, 'alpha', options.alpha ?? 0.25, { from: 0 });
  return described('categoricalFocalCrossentropy', options, (truth, prediction) => {
    checkPair(ACTION, truth, prediction, weights);
    return tf.tidy(() => {
      const target = smoothed(truth, smoothing, 1 / truth.shape.at(-1)!);
      const probabilities = clipped(normalized(fromLogits ? tf.softmax(prediction) : prediction));
      const modulated = tf.mul(tf.pow(tf.sub(1, probabilities), gamma), tf.mul(target, tf.log(probabilities)));
      return weighted(tf.mul(tf.sum(modulated, -1), -alpha), truth, weights);
    });
  });
}
