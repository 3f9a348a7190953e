/** Runs the comparisons on one backend, one after the other. */
import * as tf from '@tensorflow/tfjs';
import type { BackendName } from './backend_names.js';
import { toleranceOf } from './backends.js';
import type { Contest } from './contest.js';
import { breathe, compare, time, type Timed } from './timing.js';

/** Milliseconds. */
const PATIENCE = 2000;

/** One line of the table. */
export interface Row {
  readonly contest: Contest;
  /** Times, or the reason why there are none. */
  readonly outcome: Timed | { readonly failure: string };
}

/** Callbacks of a run. */
export interface Watcher {
  readonly begun: (contest: Contest) => void;
  readonly ended: (row: Row) => void;
  /** Checked before each comparison. */
  readonly isStopped: () => boolean;
}

export async function runContests(
  contests: readonly Contest[],
  backend: BackendName,
  rounds: number,
  watcher: Watcher,
): Promise<void> {
  for (const contest of contests) {
    watcher.begun(contest);
    await breathe();
    if (watcher.isStopped()) return;
    watcher.ended({ contest, outcome: await settle(contest, backend, rounds) });
  }
}

async function settle(contest: Contest, backend: BackendName, rounds: number): Promise<Row['outcome']> {
  const prepared = contest.prepare();
  try {
    const { host, ours, same } = prepared;
    const want: Float32Array[] = [];
    const first = await time(host, want);
    const got: Float32Array[] = [];
    await time(same, got);
    const difference = worst(got, want);
    if (!(difference <= toleranceOf(backend))) {
      return { failure: `results differ by ${difference.toExponential(1)}` };
    }
    // On backends that compile nothing, the first run counts if another one would take too long.
    if (backend === 'cpu' && first > PATIENCE) return { host: first, ours: await time(ours), rounds: 1 };
    for (let call = 0; call < (prepared.warmUps ?? 1); call++) await time(ours);
    const failure = prepared.obstacle?.();
    if (failure !== undefined) return { failure };
    return await compare(prepared, rounds, contest.clock);
  } catch (error) {
    return { failure: error instanceof Error ? error.message.split('\n')[0]! : String(error) };
  } finally {
    prepared.dispose();
  }
}

/** Largest difference between results that both have, each relative to its largest value. */
function worst(got: readonly Float32Array[], want: readonly Float32Array[]): number {
  return Math.max(
    ...want.map((wanted, index) => {
      const values = got[index]!;
      let [difference, largest] = [values.length === wanted.length ? 0 : NaN, 0];
      for (let i = 0; i < wanted.length; i++) {
        difference = Math.max(difference, Math.abs(values[i]! - wanted[i]!));
        largest = Math.max(largest, Math.abs(wanted[i]!));
      }
      return difference / largest;
    }),
  );
}

/** Releases the resources of a backend. */
export function finish(): void {
  tf.disposeVariables();
}
