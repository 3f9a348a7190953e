/** Text tables of the analyses. */

/** A column: its title and the alignment of its cells. */
export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
}

/** Makes Node display a report as its text: in notebooks, in the REPL and by `console.log`. */
export function shownAsText<T extends { toString(): string }>(report: T): T {
  return Object.defineProperty(report, Symbol.for('nodejs.util.inspect.custom'), { value: () => report.toString() });
}

/** Rows of cells under column titles, aligned; an empty row is a rule. */
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

/** Shape without the batch axis: 112×112×32. */
export function formatShape(shape: readonly (number | null)[]): string {
  return shape.map((size) => size ?? '?').join('×');
}

/** A single number if both axes agree, otherwise 3×5. */
export function formatAxes([y, x]: readonly [number, number]): string {
  return y === x ? String(y) : `${y}×${x}`;
}

/** Class name without the package prefix: `Convolutions>Conv2D` → `Conv2D`. */
export function formatType(className: string): string {
  return className.slice(className.indexOf('>') + 1);
}
