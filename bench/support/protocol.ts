/**
 * What the benchmark program and its workers say to each other: one JSON object a line, over the worker's standard input
 * and output. Values go through files of float32.
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
  /** Runs the prepared work again and again, for `budget` milliseconds, at least once. */
  | { readonly op: 'run'; readonly id: number; readonly budget: number }
  | { readonly op: 'release'; readonly id: number };

/** What a worker says first; `error` where it cannot work. */
export interface Ready {
  readonly versions?: Readonly<Record<string, string>>;
  readonly error?: string;
}

export interface Prepared {
  readonly id: number;
  readonly results: readonly StoredValues[];
}

/** Milliseconds (or what else the work measures) of each call. */
export interface Timed {
  readonly times: readonly number[];
}

export type Reply = Ready & Partial<Prepared> & Partial<Timed> & { readonly data?: unknown };

/** Marks the lines of the protocol, since libraries print lines of their own. */
export const MARK = '@bench ';
