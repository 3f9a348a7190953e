/**
 * Description of a run in a checkpoint, which is checked completely before it is used: a matching checksum proves only that
 * the bytes are unchanged, not that this package wrote them.
 */
import { CorruptFileError } from '../errors.js';
import { MAX_SEED } from '../kernel/philox.js';
import type { EpochRecord } from './epoch_record.js';
import type { TrainingState, TrainOptions } from './train_options.js';

/** Action named in errors. */
export const READ_CHECKPOINT = 'read the checkpoint';

/** Name and shape of a tensor. */
export interface TensorEntry {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Description of the run and the tensors in a checkpoint. */
export interface CheckpointHeader {
  readonly architecture: string;
  readonly data: string;
  readonly options: TrainOptions;
  readonly state: TrainingState;
  readonly iterations: number;
  readonly notes: unknown;
  /** Descriptions of the parts that a program replaced; missing if there are none. */
  readonly parts?: Readonly<Record<string, unknown>>;
  readonly weights: readonly TensorEntry[];
  /** Positions, in the order of layers, of the weights that the run trains; missing in files of version 0.1.0. */
  readonly trained?: readonly number[];
  /** Numbers of draws of the layers with a seed, in the order of layers; missing if there are none. */
  readonly masks?: readonly number[];
  /** First moments of the trained weights, then their second moments; none before the first step. */
  readonly moments: readonly TensorEntry[];
}

/** Contents of a checkpoint: its header, and values in the order of the header. */
export interface CheckpointTensors {
  readonly header: CheckpointHeader;
  readonly weights: readonly Float32Array[];
  readonly moments: readonly Float32Array[];
}

/** Tests whether a value is valid for a field. */
type Check = (value: unknown) => boolean;

/** A check for each field of an interface; the compiler requires all of them. */
type Checks<T> = { readonly [Name in keyof Required<T>]: Check };

const isText: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => Number.isFinite(value);
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isAmount: Check = (value) => isNumber(value) && (value as number) >= 0;
const isWord: Check = (value) => isCount(value) && (value as number) <= MAX_SEED;
const isPositive: Check = (value) => isCount(value) && value !== 0;

const RECORD: Checks<EpochRecord> = {
  epoch: isPositive,
  loss: isNumber,
  accuracy: isNumber,
  testLoss: isNumber,
  testAccuracy: isNumber,
  learningRate: isNumber,
  seconds: isNumber,
  metrics: (value) => value === undefined || (isRecord(value) && Object.values(value as object).every(isNumber)),
};

const STATE: Checks<TrainingState> = {
  epoch: isCount,
  step: isCount,
  lossSum: isNumber,
  correct: isAmount,
  seen: isCount,
  seconds: isNumber,
  history: isHistory,
};

const TENSOR: Checks<TensorEntry> = {
  name: isText,
  shape: (value) => isListOf(value, isCount),
};

const isTensors: Check = (value) => isListOf(value, (entry) => fieldThatFails(entry, TENSOR) === undefined);

const HEADER: Checks<CheckpointHeader> = {
  architecture: isText,
  data: isText,
  options: isRecord,
  state: (value) => fieldThatFails(value, STATE) === undefined,
  iterations: isCount,
  notes: (value) => value !== undefined,
  parts: (value) => value === undefined || isRecord(value),
  weights: isTensors,
  trained: (value) => value === undefined || isListOf(value, isCount),
  masks: (value) => value === undefined || isListOf(value, isWord),
  moments: isTensors,
};

/**
 * Checks the header of a checkpoint.
 *
 * @param header the parsed header
 * @param file name of the file in errors
 * @returns the header, if every field is valid
 * @throws CorruptFileError
 */
export function checkHeader(header: unknown, file: string): CheckpointHeader {
  const fail = (rule: string): never => {
    throw new CorruptFileError(READ_CHECKPOINT, rule, file);
  };
  const wrong = fieldThatFails(header, HEADER);
  if (wrong !== undefined) return fail(`its header must be complete and valid ('${wrong}' is not)`);
  // Every field has been checked.
  const checked = header as CheckpointHeader;
  const { state, moments } = checked;
  if (state.history.length !== state.epoch || state.history.some(({ epoch }, index) => epoch !== index + 1)) {
    return fail('it must have one record for each finished epoch');
  }
  const twice = repeated(moments.map(({ name }) => name));
  if (twice !== undefined) return fail(`no two moments may have the same name ('${twice}')`);
  return checked;
}

/** Tests for a list of the records of epochs. */
export function isHistory(value: unknown): value is readonly EpochRecord[] {
  return isListOf(value, (record) => fieldThatFails(record, RECORD) === undefined);
}

/** Parses a JSON object; undefined if the text is not one. */
export function parseRecord(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isRecord(value) ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

/** Finds the first field that is missing, of the wrong type or unknown. */
function fieldThatFails(value: unknown, checks: Readonly<Record<string, Check>>): string | undefined {
  if (!isRecord(value)) return '';
  const fields = value as Record<string, unknown>;
  const missing = Object.keys(checks).find((name) => !checks[name]!(fields[name]));
  return missing ?? Object.keys(fields).find((name) => !Object.hasOwn(checks, name));
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isListOf(value: unknown, check: Check): boolean {
  return Array.isArray(value) && value.every(check);
}

function repeated(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name).size);
}
