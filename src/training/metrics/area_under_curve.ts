/** Area under the receiver operating characteristic. */
import { checkScores } from './check_lists.js';

/**
 * Computes the area under the ROC curve: the probability that an example of the class has a higher score than another one,
 * where equal scores count half (scikit-learn's `roc_auc_score`).
 *
 * @param labels 1 for an example of the class, 0 for another
 * @param scores score of each example, such as a probability
 * @returns a number from 0 to 1; NaN unless there are examples of both kinds
 * @throws TypeError if an argument is no list; RangeError if lengths differ or a label is neither 0 nor 1
 * @example
 * ```ts
 * import { metrics } from 'tfjs-convolutions/training';
 *
 * console.log(metrics.areaUnderCurve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])); // 0.75
 * ```
 */
export function areaUnderCurve(labels: ArrayLike<number>, scores: ArrayLike<number>): number {
  checkScores('compute the area under the curve', labels, scores);
  const order = Array.from({ length: scores.length }, (_, index) => index);
  order.sort((a, b) => scores[a]! - scores[b]!);
  // Sum of the ranks of the examples of the class: equal scores share the mean of their ranks.
  let positives = 0;
  let ranks = 0;
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && scores[order[end]!] === scores[order[start]!]) end++;
    const own = order.slice(start, end).filter((index) => labels[index] === 1).length;
    positives += own;
    ranks += (own * (start + 1 + end)) / 2;
    start = end;
  }
  return (ranks - (positives * (positives + 1)) / 2) / (positives * (order.length - positives));
}
