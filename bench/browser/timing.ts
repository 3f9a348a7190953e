/** Timing on a backend that may answer before it is done. */
import * as tf from '@tensorflow/tfjs';

/** Computes tensors, which the caller disposes of. */
export type Work = () => tf.Tensor[];

/** Milliseconds after which no further round begins: nobody waits minutes for a median. */
const LONG = 10_000;

export interface Timed {
  /** Median milliseconds. */
  readonly host: number;
  readonly ours: number;
  /** Rounds that there was time for. */
  readonly rounds: number;
}

/**
 * Milliseconds until all the work has been done: a device works in order, so the smallest result is enough to wait for.
 * `values` receives those of all results, read after the time was taken.
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

/** Both sides in turn, so that a busy machine disturbs both alike. */
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

/** Lets the page draw itself. */
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
