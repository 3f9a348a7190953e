/** `history.csv`: one row per epoch. */
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
  const rows = history.map((record) =>
    Object.values(COLUMNS)
      .map((field) => record[field])
      .join(','),
  );
  return `${[Object.keys(COLUMNS).join(','), ...rows].join('\n')}\n`;
}
