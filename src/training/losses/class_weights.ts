/** Weights that make classes of different sizes count the same. */
import { checkInteger, rangeError, typeError } from '../../errors.js';

const ACTION = 'compute class weights';

/**
 * Computes weights from the numbers of examples: total / (classes · count), scikit-learn's `balanced`.
 *
 * @param labels class of each example, from 0 to classes − 1
 * @param classes number of classes
 * @throws TypeError if the labels are no list; RangeError if a label is not a class, or a class has no example
 * @example
 * ```ts
 * import { losses } from 'tfjs-convolutions/training';
 *
 * console.log(losses.classWeights([0, 0, 0, 1], 2)); // [0.6666666666666666, 2]
 * ```
 */
export function classWeights(labels: ArrayLike<number>, classes: number): number[] {
  checkInteger(ACTION, 'classes', classes, 1);
  if (!Array.isArray(labels) && !ArrayBuffer.isView(labels)) {
    throw typeError(ACTION, 'labels must be a list of classes', 'labels', labels);
  }
  const counts = new Array<number>(classes).fill(0);
  for (let index = 0; index < labels.length; index++) {
    counts[checkInteger(ACTION, 'label', labels[index], 0, classes - 1)]!++;
  }
  const missing = counts.indexOf(0);
  if (missing >= 0) throw rangeError(ACTION, 'every class must have an example', 'class without one', missing);
  return counts.map((count) => labels.length / (classes * count));
}
