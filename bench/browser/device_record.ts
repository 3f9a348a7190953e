/** Results of the page as a file, for bench/results_devices. */
import type { Backend } from './backends.js';
import type { Row } from './run.js';

/** Times of one comparison in milliseconds, or why there are none. */
export type RecordedRow = { readonly title: string; readonly shape: string } & (
  { readonly host: number; readonly ours: number; readonly rounds: number } | { readonly failure: string }
);

export interface DeviceRecord {
  /** Version of this form. */
  readonly format: 1;
  /** ISO 8601. */
  readonly date: string;
  readonly userAgent: string;
  /** Rounds that were asked for. */
  readonly rounds: number;
  readonly backends: readonly {
    readonly name: string;
    /** As the browser calls it. */
    readonly device: string;
    readonly rows: readonly RecordedRow[];
  }[];
}

/** Rows of a backend in the order in which they were measured. */
export interface Measured {
  readonly backend: Backend;
  readonly rows: readonly Row[];
}

export function deviceRecord(measured: readonly Measured[], rounds: number): DeviceRecord {
  return {
    format: 1,
    date: new Date().toISOString(),
    userAgent: navigator.userAgent,
    rounds,
    backends: measured.map(({ backend: { name, device }, rows }) => ({
      name,
      device,
      rows: rows.map(({ contest: { title, shape }, outcome }) => ({ title, shape, ...outcome })),
    })),
  };
}
