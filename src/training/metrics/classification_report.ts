/** Precision, recall and F1 of every class. */
import { checkConfusion } from './check_lists.js';

/** Scores from 0 to 1. */
export interface Scores {
  /** Fraction of the examples classified so that are of the class; 0 if there are none. */
  readonly precision: number;
  /** Fraction of the examples of the class that were classified so; 0 if there are none. */
  readonly recall: number;
  /** Harmonic mean of precision and recall; 0 if both are. */
  readonly f1: number;
}

/** Scores of a class. */
export interface ClassScores extends Scores {
  /** Number of examples of the class. */
  readonly support: number;
}

/** Scores of a classifier. */
export interface ClassificationReport {
  readonly accuracy: number;
  readonly classes: readonly ClassScores[];
  /** Means over the classes. */
  readonly macro: Scores;
  /** Means over the examples. */
  readonly weighted: Scores;
}

/**
 * Computes the scores of a classifier, as scikit-learn's `classification_report` with `zero_division=0`.
 *
 * @param confusion number of examples of class [row] that were classified as [column], as `evaluate` returns
 * @throws TypeError or RangeError if it is no square matrix of counts
 * @example
 * ```ts
 * import { metrics } from 'tfjs-convolutions/training';
 *
 * const { accuracy, classes } = metrics.classificationReport([[3, 1], [0, 4]]);
 * console.log(accuracy, classes[1]); // 0.875 {precision: 0.8, recall: 1, f1: 0.8888888888888888, support: 4}
 * ```
 */
export function classificationReport(confusion: readonly (readonly number[])[]): ClassificationReport {
  checkConfusion('compute the scores of a classifier', confusion);
  const classes = confusion.map((row, index): ClassScores => {
    const correct = row[index]!;
    const support = sum(row);
    const predicted = sum(confusion.map((other) => other[index]!));
    return {
      precision: ratio(correct, predicted),
      recall: ratio(correct, support),
      f1: ratio(2 * correct, predicted + support),
      support,
    };
  });
  const total = sum(classes.map(({ support }) => support));
  const mean = (weightOf: (scores: ClassScores) => number): Scores => {
    const of = (name: keyof Scores): number => sum(classes.map((scores) => scores[name] * weightOf(scores)));
    return { precision: of('precision'), recall: of('recall'), f1: of('f1') };
  };
  return {
    accuracy: ratio(sum(confusion.map((row, index) => row[index]!)), total),
    classes,
    macro: mean(() => 1 / classes.length),
    weighted: mean(({ support }) => ratio(support, total)),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
