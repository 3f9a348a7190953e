/** Results of `predict` as text: the classes of each file with their confidence. */
import type { Scores } from './predictor.js';

/** Formats of the results. */
export const RESULT_FORMATS = ['table', 'csv', 'json'] as const;

/** Format of the results. */
export type ResultFormat = (typeof RESULT_FORMATS)[number];

/** A class and its probability. */
export interface Guess {
  readonly class: string;
  readonly confidence: number;
}

/** The most probable classes of a file, in order. */
export interface Prediction {
  readonly file: string;
  readonly guesses: readonly Guess[];
}

/** Fewest characters of the column of files in a table. */
const LEAST_WIDTH = 20;

/** Sums of probabilities are 1 but for rounding. */
const ROUNDING = 1e-2;

/** Tests whether all rows are probabilities. */
export function areProbabilities({ values, classes }: Scores): boolean {
  for (let start = 0; start < values.length; start += classes) {
    const row = values.subarray(start, start + classes);
    const sum = row.reduce((total, value) => total + value, 0);
    if (!(Math.abs(sum - 1) <= ROUNDING) || row.some((value) => value < 0)) return false;
  }
  return true;
}

/** Replaces scores by their softmax. */
export function softmax({ values, classes }: Scores): Scores {
  const result = new Float32Array(values.length);
  for (let start = 0; start < values.length; start += classes) {
    const row = values.subarray(start, start + classes);
    const largest = row.reduce((most, value) => Math.max(most, value), -Infinity);
    const powers = row.map((value) => Math.exp(value - largest));
    const sum = powers.reduce((total, value) => total + value, 0);
    result.set(
      powers.map((value) => value / sum),
      start,
    );
  }
  return { values: result, classes };
}

/** The most probable classes of each image, with at least the given confidence. */
export function topGuesses(
  { values, classes }: Scores,
  count: number,
  names: readonly string[],
  threshold = -Infinity,
): Guess[][] {
  return Array.from({ length: values.length / classes }, (_, image) => {
    const row = values.subarray(image * classes, (image + 1) * classes);
    const order = Array.from(row.keys()).sort((a, b) => row[b]! - row[a]! || a - b);
    const found = order.filter((index) => row[index]! >= threshold);
    return found.slice(0, count).map((index) => ({ class: names[index]!, confidence: row[index]! }));
  });
}

/** Writes predictions as text, batch after batch. */
export interface ResultWriter {
  /** Text before the first prediction. */
  start(predictions: readonly Prediction[]): string;
  write(predictions: readonly Prediction[]): string;
  /** Text after the last one. */
  end(): string;
}

/**
 * Creates a writer.
 *
 * @param count number of guesses of each file
 */
export function createWriter(format: ResultFormat, count: number): ResultWriter {
  if (format === 'json') return new JsonWriter();
  return format === 'csv' ? new CsvWriter(count) : new TableWriter();
}

/** Columns whose width is that of the first predictions; later files may be longer. */
export class TableWriter implements ResultWriter {
  private width = LEAST_WIDTH;

  start(predictions: readonly Prediction[]): string {
    this.width = Math.max(LEAST_WIDTH, ...predictions.map(({ file }) => file.length));
    return `${'file'.padEnd(this.width)}  confidence  class\n`;
  }

  write(predictions: readonly Prediction[]): string {
    return predictions
      .map(({ file, guesses: [best, ...others] }) => {
        if (best === undefined) return `${file.padEnd(this.width)}  ${''.padStart(10)}  none\n`;
        const rest = others.map((guess) => `, ${guess.class} (${percentage(guess)})`).join('');
        return `${file.padEnd(this.width)}  ${percentage(best).padStart(10)}  ${best.class}${rest}\n`;
      })
      .join('');
  }

  end(): string {
    return '';
  }
}

/** RFC 4180: a field with a comma, a quote or a line break is quoted. */
class CsvWriter implements ResultWriter {
  constructor(private readonly count: number) {}

  start(): string {
    const suffixes = this.count === 1 ? [''] : Array.from({ length: this.count }, (_, index) => `_${index + 1}`);
    return `${['file', ...suffixes.flatMap((suffix) => [`class${suffix}`, `confidence${suffix}`])].join(',')}\n`;
  }

  write(predictions: readonly Prediction[]): string {
    return predictions
      .map(({ file, guesses }) => {
        const fields = guesses.flatMap((guess) => [quoted(guess.class), rounded(guess.confidence)]);
        return `${[quoted(file), ...fields].join(',')}\n`;
      })
      .join('');
  }

  end(): string {
    return '';
  }
}

/** One list, with a prediction on each line. */
export class JsonWriter implements ResultWriter {
  private isFirst = true;

  start(): string {
    return '[';
  }

  write(predictions: readonly Prediction[]): string {
    return predictions
      .map(({ file, guesses }) => {
        const classes = guesses.map((guess) => ({ class: guess.class, confidence: Number(rounded(guess.confidence)) }));
        const line = `${this.isFirst ? '\n' : ',\n'}${JSON.stringify({ file, classes })}`;
        this.isFirst = false;
        return line;
      })
      .join('');
  }

  end(): string {
    return '\n]\n';
  }
}

/** A field of CSV. */
export function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A confidence in CSV and JSON. */
export function rounded(confidence: number): string {
  return confidence.toFixed(6);
}

function percentage({ confidence }: Guess): string {
  return `${(confidence * 100).toFixed(1)} %`;
}
