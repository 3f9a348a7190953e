/** Encodes the state of the view in the URL: `#explore/plain?stride=2&at=1,2`. Default values are omitted. */
import type { Place } from 'tfjs-convolutions/geometry';
import type { Convolution } from './convolution.js';
import { FIELDS, LISTS, START, type Field, type FieldName, type Settings } from './settings.js';

/** Everything that a link restores. */
export interface ViewState {
  readonly settings: Settings;
  /** Selected output cell (y, x). */
  readonly cell: Place;
  /** Selected output channel. */
  readonly channel: number;
  /** Stage that is shown alone; `null` for all of them. */
  readonly act: number | null;
  /** Seed of random numbers; `null` if values are hidden. */
  readonly seed: number | null;
}

/** Seed unless the address names another. */
export const FIRST_SEED = 1;
/** `numbers=` of a view without values. */
const HIDDEN = 'none';

export const startOf = ({ defaults }: Convolution): Settings => ({ ...START, ...defaults });

export function writeState(convolution: Convolution, { settings, cell, channel, act, seed }: ViewState): string {
  const start = startOf(convolution);
  const pairs: [string, string][] = [];
  for (const name of [...(Object.keys(FIELDS) as FieldName[]), ...LISTS]) {
    const value = String(settings[name]);
    if (value !== String(start[name])) pairs.push([name, value]);
  }
  if (cell[0] !== 0 || cell[1] !== 0) pairs.push(['at', cell.join(',')]);
  if (channel !== 0) pairs.push(['channel', String(channel + 1)]);
  if (act !== null) pairs.push(['act', String(act + 1)]);
  if (seed !== FIRST_SEED) pairs.push(['numbers', seed === null ? HIDDEN : String(seed)]);
  const query = pairs.map(([name, value]) => `${name}=${value}`).join('&');
  return `#explore/${convolution.name}${query === '' ? '' : `?${query}`}`;
}

/** Decodes the state from a URL; invalid values are replaced by defaults. */
export function readState(convolution: Convolution, query: string): ViewState {
  const given = new URLSearchParams(query);
  const values: Record<string, unknown> = { ...startOf(convolution) };
  for (const [name, field] of Object.entries(FIELDS)) {
    const value = readValue(field, given.get(name));
    if (value !== undefined) values[name] = value;
  }
  for (const name of LISTS) {
    const text = given.get(name);
    const numbers = numbersOf(text);
    // At rest, there are no offsets and no masks: `offsets=`.
    const isGiven = numbers.length > 0 || text === '';
    if (isGiven && (name !== 'box' || numbers.length === 4)) values[name] = numbers;
  }
  const [y = 0, x = 0] = numbersOf(given.get('at')).map((at) => Math.max(0, Math.round(at)));
  const [channel = 1] = numbersOf(given.get('channel'));
  const [seed = FIRST_SEED] = numbersOf(given.get('numbers'));
  return {
    settings: values as unknown as Settings,
    cell: [y, x],
    channel: Math.max(0, Math.round(channel) - 1),
    act: readAct(convolution, given.get('act')),
    seed: given.get('numbers') === HIDDEN ? null : Math.round(seed),
  };
}

/** Decodes the stage that is shown alone, which the URL counts from 1. */
function readAct({ acts = [] }: Convolution, text: string | null): number | null {
  const act = acts.findIndex((_, index) => String(index + 1) === text);
  return act === -1 ? null : act;
}

/** Decodes the value of a field; `undefined` if it is missing or invalid. */
function readValue(field: Field, text: string | null): string | number | undefined {
  if (text === null || text === '') return undefined;
  if (field.kind === 'choice') return Object.hasOwn(field.options, text) ? text : undefined;
  const value = Number(text);
  if (!(value >= field.min && value <= field.max)) return undefined;
  return field.step === 1 ? Math.round(value) : value;
}

function numbersOf(text: string | null): number[] {
  const numbers = (text ?? '').split(',').map((part) => (part === '' ? NaN : Number(part)));
  return numbers.every((value) => Number.isFinite(value) && Math.abs(value) < 1e6) ? numbers : [];
}
