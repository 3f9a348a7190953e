/** All small mutations of a JSON document: keys omitted, doubled or renamed, values of other types. */

/** Values of unexpected types. */
export const STRANGE_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  0.5,
  2 ** 31,
  1e9,
  1e308,
  '',
  'x',
  '__proto__',
  '../../secret',
  [],
  [[]],
  {},
];

/** Path in a document: keys and indices from the root. */
export type JsonPath = readonly (string | number)[];

/** A mutated document and a description of the change. */
export interface JsonMutation {
  readonly title: string;
  readonly json: string;
}

/** Lists all paths of a document. */
export function pathsOf(value: unknown, path: JsonPath = []): JsonPath[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Object.keys(value).map((key) => (Array.isArray(value) ? Number(key) : key));
  return [path, ...inner.flatMap((key) => pathsOf((value as Record<string, unknown>)[key], [...path, key]))];
}

/** Applies one mutation at one path. */
export function mutateAt(document: unknown, path: JsonPath, kind: number): JsonMutation {
  const copy = structuredClone(document);
  const title = `${path.join('.')}: `;
  const key = path.at(-1);
  const parent = path.slice(0, -1).reduce((value, step) => (value as Record<string, unknown>)[step], copy);
  if (key === undefined) return { title: `${title}replaced`, json: JSON.stringify(STRANGE_VALUES[kind] ?? null) };
  const holder = parent as Record<string, unknown>;
  const value = holder[key];
  const set = (strange: unknown): JsonMutation => {
    holder[key] = strange;
    return { title: `${title}${JSON.stringify(strange)}`, json: JSON.stringify(copy) };
  };
  if (kind < STRANGE_VALUES.length) return set(STRANGE_VALUES[kind]);
  if (Array.isArray(parent)) {
    const index = Number(key);
    if (kind % 2 === 0) parent.splice(index, 1);
    else parent.splice(index, 0, structuredClone(value));
    return { title: `${title}${kind % 2 === 0 ? 'left out' : 'twice'}`, json: JSON.stringify(copy) };
  }
  if (kind % 3 === 0) {
    Reflect.deleteProperty(holder, key);
    return { title: `${title}left out`, json: JSON.stringify(copy) };
  }
  const name = kind % 3 === 1 ? `${key}x` : '__proto__';
  const entries = Object.entries(holder).map(([each, own]) => [each === key ? name : each, own] as const);
  // Text, because an assignment to `__proto__` would be another thing.
  const text = `{${entries.map(([each, own]) => `${JSON.stringify(each)}:${JSON.stringify(own)}`).join(',')}}`;
  const marker = '\u0000renamed\u0000';
  const place = path.slice(0, -2).reduce((outer, step) => (outer as Record<string, unknown>)[step], copy);
  if (path.length === 1) return { title: `${title}renamed to ${name}`, json: text };
  (place as Record<string, unknown>)[path.at(-2)!] = marker;
  return {
    title: `${title}renamed to ${name}`,
    json: JSON.stringify(copy).replace(JSON.stringify(marker), () => text),
  };
}

/** Number of kinds of mutations of `mutateAt`. */
export const MUTATION_KINDS = STRANGE_VALUES.length + 6;
