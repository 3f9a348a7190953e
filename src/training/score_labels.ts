/** Loss and right labels of a batch of images that may have several classes. */
import { LABEL_THRESHOLD } from './metrics/multi_label_report.js';

/** Distance of probabilities from 0 and 1 before their logarithm, as in `losses.binaryCrossentropy`. */
const EPSILON = 1e-7;

/** Scores of a batch. */
export interface LabelResult {
  /** Sum over the images of {@link losses}; NaN if a score is no probability. */
  readonly lossSum: number;
  /** Sum over the images of the fraction of their labels that are right at the threshold. */
  readonly correct: number;
  /** Binary cross-entropy of each image, the mean over its labels. */
  readonly losses: Float32Array;
}

/**
 * Scores probabilities.
 *
 * @param probabilities [images, classes], flat
 * @param multiHot 0 or 1 for each of them
 * @param threshold probability from which on a label counts as found
 */
export function scoreLabels(
  probabilities: ArrayLike<number>,
  multiHot: Uint8Array,
  classes: number,
  threshold = LABEL_THRESHOLD,
): LabelResult {
  const losses = new Float32Array(multiHot.length / classes);
  let [lossSum, right] = [0, 0];
  for (let image = 0; image < losses.length; image++) {
    let sum = 0;
    for (let at = image * classes; at < (image + 1) * classes; at++) {
      const [probability, label] = [probabilities[at]!, multiHot[at]!];
      if (!(probability >= 0 && probability <= 1)) sum = NaN;
      const ofLabel = label === 1 ? probability : 1 - probability;
      sum -= Math.log(Math.min(Math.max(ofLabel, EPSILON), 1 - EPSILON));
      if (probability >= threshold === (label === 1)) right++;
    }
    losses[image] = sum / classes;
    lossSum += sum / classes;
  }
  return { lossSum, correct: right / classes, losses };
}
