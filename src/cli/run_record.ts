/**
 * `run.json`: the mark of a run on its folder. It names the run, what the run has written, so that nothing else is ever
 * replaced or removed, and its data, which `evaluate` measures on.
 */
import { randomUUID } from 'node:crypto';
import { promises as fs } from 'node:fs';
import path from 'node:path';
import { CorruptFileError } from '../errors.js';
import { writeFileAtomic } from '../support/atomic_file.js';
import { fileError } from '../support/file_error.js';

/** What a run writes, relative to its folder. */
export const RUN_FILES = {
  record: 'run.json',
  model: 'model',
  history: 'history.csv',
  curves: 'curves.svg',
  sampling: 'sampling.svg',
  checkpoint: 'checkpoint.bin',
} as const;

/** The files of the model, relative to the folder of the run; the last one exists only while a model is replaced. */
export const MODEL_PATHS = ['model.json', 'weights.bin', 'weights.new.bin'].map((name) => `${RUN_FILES.model}/${name}`);

/** Every file that a run may write besides `run.json`. */
export const WRITABLE: readonly string[] = [
  RUN_FILES.checkpoint,
  RUN_FILES.history,
  ...MODEL_PATHS,
  RUN_FILES.curves,
  RUN_FILES.sampling,
];

/** The data of a run. */
export interface RunData {
  /** 'mnist', or the absolute path of a folder. */
  readonly source: string;
  /** Divides a folder that is not divided. */
  readonly seed: number;
  /** Height and width of the images in pixels. */
  readonly size: number;
  readonly channels: number;
  /** Name that equal test images share. */
  readonly test: string;
}

/** The contents of `run.json`. */
export interface RunRecord {
  /** Unique name of the run, which its model and its checkpoint carry too. */
  readonly run: string;
  /** When the run started, as ISO 8601. */
  readonly started: string;
  /** What the run has written or is about to write, relative to its folder. */
  readonly files: readonly string[];
  readonly data: RunData;
}

/** The record of a new run. */
export function newRecord(data: RunData, files: readonly string[], run: string = randomUUID()): RunRecord {
  return { run, started: new Date().toISOString(), files, data };
}

/** Writes the record of a folder. */
export async function writeRecord(folder: string, record: RunRecord): Promise<void> {
  await writeFileAtomic(path.join(folder, RUN_FILES.record), `${JSON.stringify(record, undefined, 2)}\n`);
}

/**
 * The record of a folder; undefined where there is none.
 *
 * @param action what for, as in "Cannot ⟨action⟩: …"
 * @throws CorruptFileError if the file is not what `writeRecord` wrote
 */
export async function readRecord(action: string, folder: string): Promise<RunRecord | undefined> {
  const file = path.join(folder, RUN_FILES.record);
  let text: string;
  try {
    text = await fs.readFile(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw fileError(action, file, error);
  }
  const record = parse(text);
  if (isRecord(record)) return record;
  throw new CorruptFileError(action, "the file must be the record of a run, as 'train' wrote it", file);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is RunRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { run, started, files, data } = value as Partial<RunRecord>;
  return (
    isRunName(run) &&
    typeof started === 'string' &&
    Array.isArray(files) &&
    // Whatever the file says, nothing but what a run may write is ever touched.
    files.every((file) => WRITABLE.includes(file as string)) &&
    isData(data)
  );
}

/** Whether a value is the unique name of a run, which also names folders. */
export function isRunName(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value);
}

function isData(value: unknown): value is RunData {
  if (typeof value !== 'object' || value === null) return false;
  const { source, seed, size, channels, test } = value as Partial<RunData>;
  const numbers: unknown[] = [seed, size, channels];
  return (
    typeof source === 'string' &&
    source !== '' &&
    typeof test === 'string' &&
    numbers.every((number) => Number.isSafeInteger(number) && (number as number) >= 0)
  );
}
