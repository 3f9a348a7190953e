/** Timing on backends that may return before they are done. */
import * as tf from '@tensorflow/tfjs';

/** Computes tensors, which the caller disposes. */
export type Work = () => tf.Tensor[];

/** Milliseconds after which no further round starts, since nobody waits minutes for a median. */
const LONG = 10_000;

export interface Timed {
  /** Median time in milliseconds. */
  readonly host: number;
  readonly ours: number;
  /** Number of rounds that were completed. */
  readonly rounds: number;
}

/**
 * Measures the milliseconds until all work is done: a device works in order, so waiting for the smallest result is enough.
 * `values` receives the values of all results, which are read after the measurement.
 */
export async function time(work: Work, values?: Float32Array[]): Promise<number> {
  const start = performance.now();
  const results = tf.tidy(work);
  const smallest = results.reduce((least, result) => (result.size < least.size ? result : least));
  await smallest.data();
  const elapsed = performance.now() - start;
  if (values) for (const result of results) values.push((await result.data()) as Float32Array);
  tf.dispose(results);
  return elapsed;
}

/** Measures both sides alternately, so that a busy machine affects both equally. */
export async function compare(works: { readonly host: Work; readonly ours: Work }, wanted: number): Promise<Timed> {
  const times: Record<'host' | 'ours', number[]> = { host: [], ours: [] };
  const end = performance.now() + LONG;
  do {
    times.host.push(await time(works.host));
    times.ours.push(await time(works.ours));
    await breathe();
  } while (times.host.length < wanted && performance.now() < end);
  return { host: median(times.host), ours: median(times.ours), rounds: times.host.length };
}

/** Lets the page repaint. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve);
  });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
