/** Timing of small pieces of work side by side in one process, so that a noisy machine disturbs all of them alike. */
import * as tf from '@tensorflow/tfjs';

/** One side of a comparison; its tensors are disposed of after each run. */
export type Work = () => tf.TensorContainer;

/**
 * Median milliseconds of each piece of work: all are warmed up, then run in turn, `rounds` times.
 * `activate` is called before each run (to switch backends) and is not timed.
 */
export async function medians<K extends string>(
  works: Readonly<Record<K, Work>>,
  rounds: number,
  activate: (name: K) => Promise<unknown> = () => Promise.resolve(),
): Promise<Record<K, number>> {
  const names = Object.keys(works) as K[];
  const times = new Map<K, number[]>(names.map((name) => [name, []]));
  const warmUps = 3;
  for (let round = 0; round < rounds + warmUps; round++) {
    for (const name of names) {
      await activate(name);
      const start = performance.now();
      const result = works[name]();
      await settle(result);
      const elapsed = performance.now() - start;
      tf.dispose(result);
      if (round >= warmUps) times.get(name)!.push(elapsed);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times.get(name)!)])) as Record<K, number>;
}

/** Waits until a result has its values: backends may return before the work is done. */
async function settle(result: tf.TensorContainer): Promise<void> {
  if (result instanceof tf.Tensor) await result.data();
  else if (Array.isArray(result)) for (const part of result) await settle(part);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}
