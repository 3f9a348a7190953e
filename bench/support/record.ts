/** Stored runs: one JSON file each, in bench/results. */
import fs from 'node:fs';
import path from 'node:path';
import type { Machine } from './machine.js';
import type { Effort } from './measure.js';
import { BENCH, type Clock } from './peers.js';
import type { Row } from './question.js';

export const RESULTS = path.join(BENCH, 'results');

/** Name of the run before the kernels were tuned, which is kept for comparison. */
const BEFORE = 'before.json';
/** Number of runs that the report compares; older ones are removed. */
const KEPT = 2;

export interface RunRecord {
  readonly date: string;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  /** Binary of the wasm kernels that the engine runs. */
  readonly binary: string;
  readonly clock: Clock;
  readonly effort: Effort;
  readonly rows: readonly Row[];
  /** Answers of studies, by name. */
  readonly studies: Readonly<Record<string, unknown>>;
}

/** Stores a run, and deletes those that are too old to be reported. */
export function saveRun(run: RunRecord): void {
  fs.mkdirSync(RESULTS, { recursive: true });
  fs.writeFileSync(
    path.join(RESULTS, `run-${run.date.replaceAll(':', '-')}.json`),
    `${JSON.stringify(run, null, 1)}\n`,
  );
  for (const name of runFiles().slice(0, -KEPT)) fs.rmSync(path.join(RESULTS, name));
}

/** Loads the stored runs, latest last, preceded by the one before tuning. */
export function loadRuns(): { runs: RunRecord[]; before: RunRecord | undefined } {
  const before = path.join(RESULTS, BEFORE);
  return {
    runs: runFiles().map((name) => load(path.join(RESULTS, name))),
    before: fs.existsSync(before) ? load(before) : undefined,
  };
}

const load = (file: string): RunRecord => JSON.parse(fs.readFileSync(file, 'utf8')) as RunRecord;

/** Names sort by date. */
function runFiles(): string[] {
  return fs
    .readdirSync(RESULTS)
    .filter((name) => name.startsWith('run-'))
    .sort();
}
