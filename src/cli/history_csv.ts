/** `history.csv`: one row per epoch, with a column for each metric of the run behind those that all runs have. */
import type { EpochRecord } from '../training/trainer.js';

const COLUMNS = {
  epoch: 'epoch',
  loss: 'loss',
  accuracy: 'accuracy',
  test_loss: 'testLoss',
  test_accuracy: 'testAccuracy',
  learning_rate: 'learningRate',
  seconds: 'seconds',
} as const satisfies Record<string, Exclude<keyof EpochRecord, 'metrics'>>;

/** Formats the history of a run as comma-separated values with a header row. */
export function historyCsv(history: readonly EpochRecord[]): string {
  const metrics = Object.keys(history[0]?.metrics ?? {});
  const rows = history.map((record) =>
    [
      ...Object.values(COLUMNS).map((field) => record[field]),
      ...metrics.map((name) => record.metrics?.[name] ?? ''),
    ].join(','),
  );
  const header = [...Object.keys(COLUMNS), ...metrics.map((name) => `test_${snakeCase(name)}`)];
  return `${[header.join(','), ...rows].join('\n')}\n`;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
