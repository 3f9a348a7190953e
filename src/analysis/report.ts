/** Text tables of the analyses. */

/** A column: its title, and which side its cells stand on. */
export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
}

/** Makes a report show as its text wherever Node shows values: in a notebook, in the REPL, by `console.log`. */
export function shownAsText<T extends { toString(): string }>(report: T): T {
  return Object.defineProperty(report, Symbol.for('nodejs.util.inspect.custom'), { value: () => report.toString() });
}

/** Rows of cells under their titles, columns aligned; a row of no cells is a rule. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map(({ title }) => title), [], ...rows];
  const widths = columns.map((_, column) => Math.max(...lines.map((cells) => (cells[column] ?? '').length)));
  const format = (cells: readonly string[]): string => {
    if (cells.length === 0) return '─'.repeat(widths.reduce((sum, width) => sum + width + 2, -2));
    const padded = columns.map(({ align }, column) => {
      const cell = cells[column] ?? '';
      return align === 'left' ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!);
    });
    return padded.join('  ').trimEnd();
  };
  return lines.map(format).join('\n');
}

/** 4253864 → 4,253,864. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** Sizes without the batch: 112×112×32. */
export function formatShape(shape: readonly (number | null)[]): string {
  return shape.map((size) => size ?? '?').join('×');
}

/** One number where both axes agree, else 3×5. */
export function formatAxes([y, x]: readonly [number, number]): string {
  return y === x ? String(y) : `${y}×${x}`;
}

/** The class name as a reader knows it: `Convolutions>Conv2D` → `Conv2D`. */
export function formatType(className: string): string {
  return className.slice(className.indexOf('>') + 1);
}
