/**
 * Messages between the benchmark program and its workers: one JSON object per line, over the worker's standard input
 * and output. Values are exchanged through float32 files.
 */
import type { Params } from './question.js';

export interface StoredValues {
  readonly name: string;
  readonly shape: readonly number[];
  readonly file: string;
}

export type Request =
  | {
      readonly op: 'prepare';
      readonly work: string;
      readonly params: Params;
      readonly inputs: readonly StoredValues[];
      /** Folder for the results. */
      readonly folder: string;
    }
  /** Runs the prepared workload repeatedly for `budget` milliseconds, at least once. */
  | { readonly op: 'run'; readonly id: number; readonly budget: number }
  | { readonly op: 'release'; readonly id: number };

/** First message of a worker; `error` if it cannot run. */
export interface Ready {
  readonly versions?: Readonly<Record<string, string>>;
  readonly error?: string;
}

export interface Prepared {
  readonly id: number;
  readonly results: readonly StoredValues[];
}

/** Milliseconds, or another measure of the workload, of each call. */
export interface Timed {
  readonly times: readonly number[];
}

export type Reply = Ready & Partial<Prepared> & Partial<Timed> & { readonly data?: unknown };

/** Prefix of the lines of the protocol, since libraries print lines of their own. */
export const MARK = '@bench ';
