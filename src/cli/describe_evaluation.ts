/** Text of an evaluation: the figures of the whole, then a table of the classes. */
import type { Evaluation } from '../training/evaluate.js';
import type { Images } from '../training/image_source.js';
import { classificationReport } from '../training/metrics/classification_report.js';
import { segmentationReport } from '../training/metrics/segmentation_report.js';
import { count, percent } from './format.js';
import { describeLabels } from './label_report.js';

/** Most other classes to name for a class. */
const MOST_MISTAKES = 3;

/** Describes how a model did on images. */
export function describeEvaluation(
  { loss, accuracy, confusion, labels }: Evaluation,
  { classNames, masks }: Images,
): string {
  if (labels) return describeLabels(labels, loss, classNames);
  const width = Math.max(5, ...classNames.map((name) => name.length));
  const report = classificationReport(confusion);
  const overlap = masks && segmentationReport(confusion);
  const columns = ['precision', 'recall', 'f1', ...(overlap ? ['IoU'] : [])];
  const cells = (values: readonly (number | undefined)[]): string =>
    values.map((value, at) => score(value).padStart(Math.max(7, columns[at]!.length))).join('  ');
  const rows = report.classes.map(({ precision, recall, f1, support }, label) => {
    const known = [precision, support === 0 ? undefined : recall, f1];
    const scores = cells(overlap ? [...known, overlap.iou[label]] : known);
    const line = `${classNames[label]!.padEnd(width)}  ${count(support).padStart(9)}  ${scores}`;
    return `${line}  ${mistakesOf(confusion[label]!, label, classNames)}`.trimEnd();
  });
  const { macro } = report;
  const means = cells([macro.precision, macro.recall, macro.f1, ...(overlap ? [overlap.meanIou] : [])]);
  const total = confusion.flat().reduce((sum, value) => sum + value, 0);
  const titles = columns.map((name) => name.padStart(Math.max(7, name.length))).join('  ');
  const header = `${'class'.padEnd(width)}  ${(masks ? 'pixels' : 'images').padStart(9)}  ${titles}  most often mistaken for`;
  const figures = [
    `test accuracy ${percent(accuracy, 2)}`,
    ...(overlap ? [`mean IoU ${percent(overlap.meanIou, 2)}`, `mean Dice ${percent(overlap.meanDice, 2)}`] : []),
    `loss ${loss.toFixed(3)}`,
  ];
  const last = `${'mean'.padEnd(width)}  ${count(total).padStart(9)}  ${means}`;
  return `${figures.join(', ')}\n\n${[header, ...rows, last].join('\n')}\n`;
}

/** A score in percent, or a dash where there is none. */
function score(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? '-' : percent(value, 1);
}

/** Other classes that a class was taken for, the most frequent first. */
function mistakesOf(row: readonly number[], label: number, classNames: readonly string[]): string {
  return row
    .map((value, guess) => ({ value, guess }))
    .filter(({ value, guess }) => value > 0 && guess !== label)
    .sort((a, b) => b.value - a.value)
    .slice(0, MOST_MISTAKES)
    .map(({ value, guess }) => `${classNames[guess]} (${count(value)})`)
    .join(', ');
}
