/** Titles of test.each as jest writes them: printf placeholders from the row, or $names from its fields. */
import { format as pretty } from 'pretty-format';

/** "%s has %d", or "$title has $count" where the rows are objects. */
export function rowTitle(title: string, row: unknown, index: number): string {
  if (/%[sdifjop#]/.test(title) || typeof row !== 'object' || row === null || Array.isArray(row)) {
    const values = Array.isArray(row) ? [...(row as unknown[])] : [row];
    return title.replaceAll(/%([sdifjop#%])/g, (placeholder, kind: string) => {
      if (kind === '%') return '%';
      if (kind === '#') return String(index);
      return values.length === 0 ? placeholder : show(values.shift());
    });
  }
  const fields = row as Readonly<Record<string, unknown>>;
  return title.replaceAll(/\$(\w+)/g, (placeholder, name: string) =>
    name in fields ? show(fields[name]) : placeholder,
  );
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : pretty(value, { maxDepth: 1, min: true });
}
