/** Descriptions of functions that factories made, so that a checkpoint can say which ones a run has. */

const descriptions = new WeakMap<object, unknown>();

/** Remembers the name and the options from which a function was made. */
export function described<Made extends object>(name: string, options: unknown, made: Made): Made {
  descriptions.set(made, { name, options: describe(options) });
  return made;
}

/** Describes a value as JSON: a function by what it was made of, or else by its name. */
export function describe(value: unknown): unknown {
  if (typeof value === 'function') return descriptions.get(value) ?? { name: value.name };
  if (Array.isArray(value)) return value.map(describe);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, describe(part)]));
}
