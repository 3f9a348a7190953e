/** Measures the workloads of a comparison alternately, after checking that their results are equal. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Peers } from './peers.js';
import type { Comparison, Figure, Side } from './question.js';
import { difference, readValues, storeInputs } from './values.js';
import type { StoredValues } from './protocol.js';
import type { Worker } from './worker.js';

/** Duration of measurements. */
export interface Effort {
  readonly passes: number;
  /** Turns of each side per pass. */
  readonly rounds: number;
  /** Milliseconds per turn; a workload that takes longer runs once. */
  readonly budget: number;
}

/** Figures by side, and the reason for each side without one. */
export interface Measured {
  readonly figures: Readonly<Record<string, Figure>>;
  readonly missing: Readonly<Record<string, string>>;
}

interface Prepared {
  readonly key: string;
  readonly side: Side;
  readonly worker: Worker;
  readonly id: number;
  readonly results: readonly StoredValues[];
}

/** Milliseconds after a turn of several threads, which wait for more work for a while, computing. */
const REST = 250;

/** Warm-up turns: engines compile code that runs often. */
const WARM_TURNS = 20;

export const labelOf = ({ peer, threads = 1 }: Side): string => `${peer} t${threads}`;

/** Measures all sides whose programs are installed. */
export async function measure(
  comparison: Comparison,
  peers: Peers,
  effort: Effort,
  step: () => void,
): Promise<Measured> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-'));
  const missing: Record<string, string> = {};
  const prepared: Prepared[] = [];
  try {
    for (const [key, side] of Object.entries(comparison.sides)) {
      const peer = await peers.get(side.peer, side.threads ?? 1);
      if ('missing' in peer) {
        missing[key] = peer.missing;
        continue;
      }
      try {
        prepared.push(await prepare(key, side, peer.worker, comparison, folder));
      } catch (error) {
        missing[key] = error instanceof Error ? error.message : String(error);
      }
    }
    checkEqual(prepared, comparison.tolerance ?? 1e-3, missing);
    const measured = prepared.filter(({ key, side }) => missing[key] === undefined && side.untimed !== true);
    const figures = await runInTurn(measured, effort, step);
    for (const { worker, id } of prepared) await worker.ask({ op: 'release', id });
    return { figures, missing };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function prepare(
  key: string,
  side: Side,
  worker: Worker,
  comparison: Comparison,
  folder: string,
): Promise<Prepared> {
  const results = path.join(folder, key);
  fs.mkdirSync(results);
  const reply = await worker.ask({
    op: 'prepare',
    work: side.work,
    params: side.params ?? {},
    inputs: storeInputs(side.inputs ?? comparison.inputs, folder),
    folder: results,
  });
  return { key, side, worker, id: reply.id!, results: reply.results! };
}

/** Each side must compute the same as the first of its kind; otherwise it is not measured. */
function checkEqual(prepared: readonly Prepared[], tolerance: number, missing: Record<string, string>): void {
  const first = new Map<string, Prepared>();
  for (const { key, side, results, ...rest } of prepared) {
    const kind = side.result ?? 'all';
    const expected = first.get(kind);
    if (expected === undefined) {
      first.set(kind, { key, side, results, ...rest });
      continue;
    }
    const differences = results.map((result, index) => {
      const other = expected.results[index];
      return other === undefined ? Infinity : difference(readValues(result), readValues(other));
    });
    const worst = results.length === expected.results.length ? Math.max(0, ...differences) : Infinity;
    if (!(worst <= tolerance)) {
      const worstIndex = differences.indexOf(worst);
      missing[key] =
        `results differ from those of ${labelOf(expected.side)}: ${worst.toExponential(1)} in result ${worstIndex}`;
    }
  }
}

async function runInTurn(
  sides: readonly Prepared[],
  effort: Effort,
  step: () => void,
): Promise<Record<string, Figure>> {
  for (const { worker, id } of sides) await worker.ask({ op: 'run', id, budget: effort.budget * WARM_TURNS });
  const passes = new Map<string, number[]>(sides.map(({ key }) => [key, []]));
  for (let pass = 0; pass < effort.passes; pass++) {
    const times = new Map<string, number[]>(sides.map(({ key }) => [key, []]));
    for (let round = 0; round < effort.rounds; round++) {
      for (const { key, side, worker, id } of sides) {
        const reply = await worker.ask({ op: 'run', id, budget: effort.budget });
        times.get(key)!.push(...reply.times!);
        if ((side.threads ?? 1) > 1) await setTimeout(REST);
      }
      step();
    }
    for (const { key } of sides) passes.get(key)!.push(median(times.get(key)!));
  }
  return Object.fromEntries(
    sides.map(({ key, side }) => {
      const medians = passes.get(key)!;
      return [key, { label: labelOf(side), best: Math.min(...medians), passes: medians }];
    }),
  );
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[sorted.length >> 1]! + sorted[(sorted.length - 1) >> 1]!) / 2;
}
