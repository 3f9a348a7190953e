/** A published statement beside what the package computes. */
export type Statement = {
  readonly subject: string;
  readonly published: string;
  readonly computed: string;
  readonly agrees: boolean;
};

/** A statement that must hold to the last digit. */
export function exactly(subject: string, published: number | string, computed: number | string): Statement {
  return { subject, published: show(published), computed: show(computed), agrees: published === computed };
}

/** A statement that holds to the unit in which it was printed, rounded or cut off. */
export function toTheUnit(subject: string, published: number, computed: number, unit: number): Statement {
  const agrees = Math.abs(computed - published * unit) < unit;
  return { subject, published: `${published} ${unit === 1e6 ? 'M' : ''}`.trim(), computed: show(computed), agrees };
}

function show(value: number | string): string {
  return typeof value === 'number' ? value.toLocaleString('en-US', { maximumFractionDigits: 6 }) : value;
}

/** Prints statements under a title; returns how many do not agree. */
export function print(title: string, statements: readonly Statement[]): number {
  const widths = [
    Math.max(...statements.map(({ subject }) => subject.length)),
    Math.max(9, ...statements.map(({ published }) => published.length)),
    Math.max(8, ...statements.map(({ computed }) => computed.length)),
  ] as const;
  const line = (subject: string, published: string, computed: string, mark: string): string =>
    `  ${subject.padEnd(widths[0])}  ${published.padStart(widths[1])}  ${computed.padStart(widths[2])}  ${mark}`.trimEnd();
  console.log(`\n${title}`);
  console.log(line('', 'published', 'computed', ''));
  for (const { subject, published, computed, agrees } of statements) {
    console.log(line(subject, published, computed, agrees ? '✓' : '✗'));
  }
  return statements.filter(({ agrees }) => !agrees).length;
}
