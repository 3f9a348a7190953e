/** Overlap of predicted and true regions. */
import { checkConfusion } from './check_lists.js';

/** Scores of a segmentation, from 0 to 1. */
export interface SegmentationReport {
  /** Fraction of the pixels that are classified correctly. */
  readonly accuracy: number;
  /** Intersection over union of each class; NaN for one that is neither present nor predicted. */
  readonly iou: readonly number[];
  /** Dice coefficient of each class; NaN for one that is neither present nor predicted. */
  readonly dice: readonly number[];
  /** Mean over the classes that are present or predicted. */
  readonly meanIou: number;
  readonly meanDice: number;
}

/**
 * Computes mean intersection over union and Dice coefficients, the former as Keras's `MeanIoU`.
 *
 * @param confusion number of pixels of class [row] that were classified as [column]; see `confusionMatrix`
 * @throws TypeError or RangeError if it is no square matrix of counts
 * @example
 * ```ts
 * import { metrics } from 'tfjs-convolutions/training';
 *
 * const { iou, meanIou } = metrics.segmentationReport([[3, 1], [0, 4]]);
 * console.log(iou, meanIou); // [0.75, 0.8] 0.775
 * ```
 */
export function segmentationReport(confusion: readonly (readonly number[])[]): SegmentationReport {
  checkConfusion('compute the scores of a segmentation', confusion);
  const counts = confusion.map((row, index) => {
    const both = row[index]!;
    return { both, all: sum(row) + sum(confusion.map((other) => other[index]!)) };
  });
  const iou = counts.map(({ both, all }) => both / (all - both));
  const dice = counts.map(({ both, all }) => (2 * both) / all);
  return {
    accuracy: sum(counts.map(({ both }) => both)) / sum(confusion.flat()),
    iou,
    dice,
    meanIou: mean(iou),
    meanDice: mean(dice),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value));
  return sum(known) / known.length;
}
