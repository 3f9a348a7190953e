/** Checks the facts of an imported network in a project file, which anything may have written. */
import type { NetworkFacts } from './protocol.js';

interface Rule {
  /** Fields from the outermost on. */
  readonly path: readonly [string, ...string[]];
  /** Rule for the value, after “must be”. */
  readonly must: string;
  readonly accepts: (value: unknown, channels: unknown) => boolean;
}

const isFrom =
  (least: number) =>
  (value: unknown): boolean =>
    Number.isInteger(value) && Number(value) >= least;
const isNames = (value: unknown): boolean =>
  Array.isArray(value) && value.length >= 2 && value.every((name) => typeof name === 'string');
const isBoolean = (value: unknown): boolean => typeof value === 'boolean';
const isByte = (value: unknown): boolean => isFrom(0)(value) && Number(value) <= 255;
const isScaling = (value: unknown, channels: unknown): boolean =>
  Number.isFinite(value) || (Array.isArray(value) && value.length === channels && value.every(Number.isFinite));

const SCALING = 'a number, or one for each channel';

const RULES: readonly Rule[] = [
  { path: ['params'], must: 'a whole number from 0', accepts: isFrom(0) },
  { path: ['macs'], must: 'a whole number from 0', accepts: isFrom(0) },
  { path: ['classNames'], must: 'a list of two names or more', accepts: isNames },
  { path: ['isAssumed'], must: 'true or false', accepts: isBoolean },
  // Older files do not have these.
  ...['isFrozen', 'addsSoftmax'].map((name): Rule => ({
    path: [name],
    must: 'true or false',
    accepts: (value) => value === undefined || isBoolean(value),
  })),
  ...['height', 'width'].map((name): Rule => ({
    path: ['preprocessing', name],
    must: 'a whole number from 1',
    accepts: isFrom(1),
  })),
  { path: ['preprocessing', 'channels'], must: '1 or 3', accepts: (value) => value === 1 || value === 3 },
  {
    path: ['preprocessing', 'fit'],
    must: 'crop, stretch or contain',
    accepts: (value) => value === 'crop' || value === 'stretch' || value === 'contain',
  },
  {
    path: ['preprocessing', 'background'],
    must: 'three whole numbers from 0 to 255',
    accepts: (value) => Array.isArray(value) && value.length === 3 && value.every(isByte),
  },
  { path: ['preprocessing', 'scale'], must: SCALING, accepts: isScaling },
  { path: ['preprocessing', 'offset'], must: SCALING, accepts: isScaling },
];

/** Most characters of a value in a message. */
const LONGEST = 80;

/**
 * @returns the facts
 * @throws Error that names the field, the rule and the value
 */
export function checkFacts(facts: unknown): NetworkFacts {
  const channels = at(facts, ['preprocessing', 'channels']);
  for (const { path, must, accepts } of RULES) {
    const value = at(facts, path);
    if (!accepts(value, channels)) throw refusal(path.join('.'), must, value);
  }
  const size = ['height', 'width', 'channels'].map((name) => at(facts, ['preprocessing', name]));
  const shape = at(facts, ['inputShape']);
  if (JSON.stringify(shape) !== JSON.stringify(size)) {
    throw refusal('inputShape', `the size of its preprocessing, ${JSON.stringify(size)}`, shape);
  }
  return { ...(facts as NetworkFacts), isFrozen: at(facts, ['isFrozen']) === true };
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, name) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[name] : undefined,
    value,
  );
}

function refusal(name: string, must: string, value: unknown): Error {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  const shown = text.length > LONGEST ? `${text.slice(0, LONGEST)} …` : text;
  return new Error(`${name} of its network must be ${must}, received ${shown}`);
}
