/** Confusion matrix of a classifier. */
import { checkInteger, rangeError } from '../../errors.js';
import { checkList } from './check_lists.js';

const ACTION = 'compute the confusion matrix';

/**
 * Counts the examples (or pixels) of class [row] that were classified as [column].
 *
 * @param labels true classes, from 0 to classes − 1
 * @param predicted predicted classes, as many
 * @param classes number of classes
 * @throws TypeError if an argument is no list; RangeError if lengths differ or a class is out of range
 * @example
 * ```ts
 * import { metrics } from 'tfjs-convolutions/training';
 *
 * console.log(metrics.confusionMatrix([0, 1, 1], [0, 1, 0], 2)); // [[1, 0], [1, 1]]
 * ```
 */
export function confusionMatrix(labels: ArrayLike<number>, predicted: ArrayLike<number>, classes: number): number[][] {
  checkInteger(ACTION, 'classes', classes, 1);
  checkList(ACTION, 'labels', labels);
  checkList(ACTION, 'predicted', predicted);
  if (labels.length !== predicted.length) {
    throw rangeError(ACTION, `there must be ${labels.length} predictions`, 'predicted.length', predicted.length);
  }
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let index = 0; index < labels.length; index++) {
    const label = checkInteger(ACTION, 'label', labels[index], 0, classes - 1);
    matrix[label]![checkInteger(ACTION, 'predicted class', predicted[index], 0, classes - 1)]!++;
  }
  return matrix;
}
