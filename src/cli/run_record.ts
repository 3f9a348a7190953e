/**
 * `run.json`, the record of a run in its folder: the ID of the run, the files it has written, so that no other file is
 * ever replaced or removed, and its data, which `evaluate` uses.
 */
import { randomUUID } from 'node:crypto';
import { promises as fs } from 'node:fs';
import path from 'node:path';
import { CorruptFileError } from '../errors.js';
import { writeFileAtomic } from '../support/atomic_file.js';
import { fileError } from '../support/file_error.js';

/** Files and folders that a run writes, relative to its folder. */
export const RUN_FILES = {
  record: 'run.json',
  model: 'model',
  history: 'history.csv',
  historyJson: 'history.json',
  curves: 'curves.svg',
  sampling: 'sampling.svg',
  sizes: 'samples_follow_size.svg',
  spread: 'spread_by_size.svg',
  predictions: 'predictions.png',
  checkpoint: 'checkpoint.bin',
  best: 'best.bin',
  /** The model that a run with `--from` started from, while it can be resumed. */
  start: 'start',
} as const;

/** Files of a model; the last one exists only while a model is being replaced. */
const MODEL_NAMES = ['model.json', 'weights.bin', 'weights.new.bin'];

/** Files of the model, relative to the folder of the run. */
export const MODEL_PATHS = MODEL_NAMES.map((name) => `${RUN_FILES.model}/${name}`);

/** Files of the model that the run started from. */
export const START_PATHS = MODEL_NAMES.map((name) => `${RUN_FILES.start}/${name}`);

/** Every file that a run may write besides `run.json`. */
export const WRITABLE: readonly string[] = [
  RUN_FILES.checkpoint,
  RUN_FILES.best,
  RUN_FILES.history,
  RUN_FILES.historyJson,
  ...MODEL_PATHS,
  ...START_PATHS,
  RUN_FILES.curves,
  RUN_FILES.sampling,
  RUN_FILES.sizes,
  RUN_FILES.spread,
  RUN_FILES.predictions,
];

/** Data that a run trains on. */
export interface RunData {
  /** `'scenes'`, `'mnist'` or the absolute path of a folder, an archive or a list. */
  readonly source: string;
  /** Random seed for splitting a folder that has no test images of its own. */
  readonly seed: number;
  /** Height and width of the images in pixels. */
  readonly size: number;
  readonly channels: number;
  /** Fingerprint of the test images. */
  readonly test: string;
  /** True if the run passed over broken images; missing otherwise. */
  readonly skipBroken?: true;
}

/** Contents of `run.json`. */
export interface RunRecord {
  /** Unique ID of the run, also stored in its model and its checkpoint. */
  readonly run: string;
  /** Start time of the run, as ISO 8601. */
  readonly started: string;
  /** Files that the run has written or is about to write, relative to its folder. */
  readonly files: readonly string[];
  readonly data: RunData;
}

/** Creates the record of a new run. */
export function newRecord(data: RunData, files: readonly string[], run: string = randomUUID()): RunRecord {
  return { run, started: new Date().toISOString(), files, data };
}

/** Writes the record into a folder. */
export async function writeRecord(folder: string, record: RunRecord): Promise<void> {
  await writeFileAtomic(path.join(folder, RUN_FILES.record), `${JSON.stringify(record, undefined, 2)}\n`);
}

/**
 * Reads the record in a folder; undefined if there is none.
 *
 * @param action action to name in errors: "Cannot ⟨action⟩: …"
 * @throws CorruptFileError if the file was not written by {@link writeRecord}
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
  throw new CorruptFileError(action, "the file must be a run record written by 'train'", file);
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
    // Whatever the file says, only files that a run may write are ever touched.
    files.every((file) => WRITABLE.includes(file as string)) &&
    isData(data)
  );
}

/** Tests for the unique ID of a run, which is also used as a folder name. */
export function isRunName(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value);
}

function isData(value: unknown): value is RunData {
  if (typeof value !== 'object' || value === null) return false;
  const { source, seed, size, channels, test, skipBroken } = value as Partial<RunData>;
  const numbers: unknown[] = [seed, size, channels];
  return (
    typeof source === 'string' &&
    source !== '' &&
    typeof test === 'string' &&
    ([undefined, true] as readonly unknown[]).includes(skipBroken) &&
    numbers.every((number) => Number.isSafeInteger(number) && (number as number) >= 0)
  );
}
