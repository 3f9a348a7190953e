/** Python calls as text. */

/** Arguments of a Python call: those of defaults are left out. */
export function pythonCall(
  name: string,
  positional: readonly unknown[],
  named: Readonly<Record<string, readonly [value: unknown, otherwise: unknown]>>,
): string {
  const rest = Object.entries(named)
    .filter(([, [value, otherwise]]) => python(value) !== python(otherwise))
    .map(([key, [value]]) => `${key}=${python(value)}`);
  return `${name}(${[...positional.map(python), ...rest].join(', ')})`;
}

/** A value in Python; a pair of equal numbers is written as one. */
export function python(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return `"${value}"`;
  if (!Array.isArray(value)) return String(value);
  const parts = value.map(python);
  return parts.length === 2 && parts[0] === parts[1] ? parts[0]! : `(${parts.join(', ')})`;
}
