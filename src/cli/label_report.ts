import type { MultiLabelReport } from '../training/metrics/multi_label_report.js';
import { count, percent } from './format.js';

const COLUMNS = ['images', 'precision', 'recall', 'F1', 'average precision', 'AUC'] as const;

/** Describes the scores of images with several labels, as a table with a row for each class. */
export function describeLabels(report: MultiLabelReport, loss: number, classNames: readonly string[]): string {
  const { accuracy, exactMatch, classes, macro, meanAveragePrecision, meanAreaUnderCurve } = report;
  const width = Math.max(5, ...classNames.map((name) => name.length));
  const row = (name: string, cells: readonly string[]): string =>
    [name.padEnd(width), ...cells.map((cell, index) => cell.padStart(COLUMNS[index]!.length))].join('  ');
  const scores = (...values: number[]): string[] =>
    values.map((value) => (Number.isNaN(value) ? '-' : percent(value, 1)));
  const rows = classes.map(({ support, precision, recall, f1, averagePrecision, areaUnderCurve }, index) =>
    row(classNames[index]!, [count(support), ...scores(precision, recall, f1, averagePrecision, areaUnderCurve)]),
  );
  const means = scores(macro.precision, macro.recall, macro.f1, meanAveragePrecision, meanAreaUnderCurve);
  const first = `test accuracy ${percent(accuracy, 2)} of all labels, ${percent(exactMatch, 2)} of the images with all of them, loss ${loss.toFixed(3)}`;
  const precision = `mean average precision ${percent(meanAveragePrecision, 2)}`;
  return `${[first, precision, '', row('class', COLUMNS), ...rows, row('mean', ['', ...means])].join('\n')}\n`;
}
