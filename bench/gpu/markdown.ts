/** Tables and numbers in Markdown. */

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

export function megabytes(bytes: number): string {
  const value = bytes / 1e6;
  return value.toFixed(value < 1 ? 2 : value < 10 ? 1 : 0);
}
