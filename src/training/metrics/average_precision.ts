/** Average precision: the area under the curve of precision against recall. */
import { checkScores } from './check_lists.js';

/**
 * Computes the average precision: the mean of the precisions at the scores of the examples of the class, where all examples with
 * at least this score count as found (scikit-learn's `average_precision_score`).
 *
 * @param labels 1 for an example of the class, 0 for another
 * @param scores score of each example, such as a probability
 * @returns a number from 0 to 1; NaN if there is no example of the class
 * @throws TypeError if an argument is no list; RangeError if lengths differ or a label is neither 0 nor 1
 * @example
 * ```ts
 * import { metrics } from 'tfjs-convolutions/training';
 *
 * console.log(metrics.averagePrecision([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]).toFixed(4)); // 0.8333
 * ```
 */
export function averagePrecision(labels: ArrayLike<number>, scores: ArrayLike<number>): number {
  checkScores('compute the average precision', labels, scores);
  const order = Array.from({ length: scores.length }, (_, index) => index);
  order.sort((a, b) => scores[b]! - scores[a]!);
  let [found, sum] = [0, 0];
  for (let start = 0; start < order.length;) {
    let end = start;
    let own = 0;
    // Examples with the same score are found together.
    for (; end < order.length && scores[order[end]!] === scores[order[start]!]; end++) own += labels[order[end]!]!;
    found += own;
    sum += (own * found) / end;
    start = end;
  }
  return sum / found;
}
