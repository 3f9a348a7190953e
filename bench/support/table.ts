/** Formats rows as a Markdown table. */
import type { Figure, Row } from './question.js';

/** Formats a number with three significant digits, without an exponent. */
export function digits(value: number): string {
  return value >= 100
    ? value.toFixed(0)
    : value >= 10
      ? value.toFixed(1)
      : value >= 1
        ? value.toFixed(2)
        : value.toFixed(3);
}

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

export const limitOf = ({ atLeast, limit }: Pick<Row, 'atLeast' | 'limit'>): string =>
  `${atLeast ? '≥' : '≤'} ${limit}`;

export const figureOf = (figure: Figure | undefined, unit: string): string =>
  figure === undefined ? '' : `${digits(figure.best)} ${unit} (${figure.label})`;

export const verdictOf = ({ met }: Row): string => (met === undefined ? '–' : met ? 'yes' : '**no**');

/** One run of one question. */
export function questionTable(rows: readonly Row[]): string {
  return markdownTable(
    ['shape', 'work', 'against', 'target', 'ratio', 'ours', 'theirs', 'met'],
    rows.map((row) => [
      row.title,
      row.work,
      row.against,
      limitOf(row),
      row.ratio === undefined ? `left out: ${row.missing ?? ''}` : digits(row.ratio),
      figureOf(row.ours, row.unit),
      figureOf(row.peer, row.unit),
      verdictOf(row),
    ]),
  );
}
