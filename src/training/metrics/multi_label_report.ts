/** Scores of a classifier of images that may have several classes. */
import { checkInteger, checkNumber, rangeError } from '../../errors.js';
import { areaUnderCurve } from './area_under_curve.js';
import { averagePrecision } from './average_precision.js';
import { checkScores } from './check_lists.js';
import type { ClassScores, Scores } from './classification_report.js';

/** Probability from which on a label counts as found, unless another one is chosen. */
export const LABEL_THRESHOLD = 0.5;

const ACTION = 'compute the scores of several labels';

/** Scores of a class. */
export interface LabelScores extends ClassScores {
  /** Area under the curve of precision against recall, whatever the threshold; NaN if no example has the class. */
  readonly averagePrecision: number;
  /** Area under the ROC curve; NaN if no example has the class, or all have. */
  readonly areaUnderCurve: number;
}

/** Scores of a classifier of several labels. */
export interface MultiLabelReport {
  /** Fraction of the labels that are right. */
  readonly accuracy: number;
  /** Fraction of the examples all of whose labels are right. */
  readonly exactMatch: number;
  readonly classes: readonly LabelScores[];
  /** Means over the classes. */
  readonly macro: Scores;
  /** Scores of all labels together. */
  readonly micro: Scores;
  /** Mean over the classes that have examples. */
  readonly meanAveragePrecision: number;
  /** Mean over the classes with examples of both kinds. */
  readonly meanAreaUnderCurve: number;
}

/**
 * Computes the scores of a classifier of several labels: those of scikit-learn's `classification_report` with
 * `zero_division=0`, `average_precision_score` and `roc_auc_score`.
 *
 * @param labels 0 or 1 for each class of each example, flat [examples, classes]
 * @param scores probabilities, flat [examples, classes]
 * @param classes number of classes
 * @param threshold probability from which on an example counts as of a class
 * @throws TypeError or RangeError if lengths differ or are no multiple of the classes, or a label is neither 0 nor 1
 * @example
 * ```ts
 * import { metrics } from 'tfjs-convolutions/training';
 *
 * const { classes, micro } = metrics.multiLabelReport([1, 0, 1, 1], [0.9, 0.2, 0.7, 0.4], 2);
 * console.log(classes[1].recall, micro.precision); // 0 1
 * ```
 */
export function multiLabelReport(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  classes: number,
  threshold = LABEL_THRESHOLD,
): MultiLabelReport {
  checkScores(ACTION, labels, scores);
  checkInteger(ACTION, 'classes', classes, 1);
  checkNumber(ACTION, 'threshold', threshold, { from: 0, to: 1 });
  if (labels.length % classes !== 0) {
    throw rangeError(ACTION, `there must be ${classes} labels for each example`, 'labels.length', labels.length);
  }
  const examples = labels.length / classes;
  const all = { hits: 0, found: 0, support: 0 };
  const isWrong = new Uint8Array(examples);
  let wrong = 0;
  const reports = Array.from({ length: classes }, (_, index): LabelScores => {
    const own = { labels: new Uint8Array(examples), scores: new Float64Array(examples) };
    let [hits, found, support] = [0, 0, 0];
    for (let example = 0; example < examples; example++) {
      const at = example * classes + index;
      const label = (own.labels[example] = labels[at]!);
      const isFound = (own.scores[example] = scores[at]!) >= threshold;
      if (isFound !== (label === 1)) {
        wrong++;
        isWrong[example] = 1;
      }
      support += label;
      found += Number(isFound);
      hits += isFound ? label : 0;
    }
    all.hits += hits;
    all.found += found;
    all.support += support;
    return {
      ...scoresOf(hits, found, support),
      support,
      averagePrecision: averagePrecision(own.labels, own.scores),
      areaUnderCurve: areaUnderCurve(own.labels, own.scores),
    };
  });
  const of = (name: keyof LabelScores): number => mean(reports.map((report) => report[name]));
  return {
    accuracy: 1 - wrong / labels.length,
    exactMatch: mean(Array.from(isWrong, (value) => 1 - value)),
    classes: reports,
    macro: { precision: of('precision'), recall: of('recall'), f1: of('f1') },
    micro: scoresOf(all.hits, all.found, all.support),
    meanAveragePrecision: of('averagePrecision'),
    meanAreaUnderCurve: of('areaUnderCurve'),
  };
}

function scoresOf(hits: number, found: number, support: number): Scores {
  return { precision: ratio(hits, found), recall: ratio(hits, support), f1: ratio(2 * hits, found + support) };
}

/** Mean of the values that are numbers. */
function mean(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
