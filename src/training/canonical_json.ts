/**
 * Serializes a value as JSON with sorted fields, for comparisons and checksums.
 *
 * @param value any value that JSON can represent
 */
export function canonicalJson(value: unknown): string {
  const sorted = (fields: object): object =>
    Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)));
  return JSON.stringify(value, (_, field: unknown) =>
    typeof field === 'object' && field !== null && !Array.isArray(field) ? sorted(field) : field,
  );
}
