/** Timing on backends that may return before they are done. */
import * as tf from '@tensorflow/tfjs';

/** Computes tensors, which the caller disposes. */
export type Work = () => tf.Tensor[];

/** Time until the results are there, or until the call returns: for so long, a page does nothing else. */
export type PageClock = 'results' | 'mainThread';

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
 * Measures milliseconds and waits until all work is done: a device works in order, so waiting for the smallest result is
 * enough. `values` receives the values of all results, which are read after the measurement.
 */
export async function time(work: Work, values?: Float32Array[], clock: PageClock = 'results'): Promise<number> {
  const start = performance.now();
  const results = tf.tidy(work);
  const returned = performance.now() - start;
  const smallest = results.reduce((least, result) => (result.size < least.size ? result : least));
  await smallest.data();
  const elapsed = performance.now() - start;
  if (values) for (const result of results) values.push((await result.data()) as Float32Array);
  tf.dispose(results);
  return clock === 'mainThread' ? returned : elapsed;
}

/** Measures both sides alternately, so that a busy machine affects both equally. */
export async function compare(
  works: { readonly host: Work; readonly ours: Work },
  wanted: number,
  clock?: PageClock,
): Promise<Timed> {
  const times: Record<'host' | 'ours', number[]> = { host: [], ours: [] };
  const end = performance.now() + LONG;
  do {
    times.host.push(await time(works.host, undefined, clock));
    times.ours.push(await time(works.ours, undefined, clock));
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
