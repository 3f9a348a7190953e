/** Runs workers over the damaged files of one kind and counts the outcomes. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Outcome } from './worker.js';

/** Outcomes of all files of one kind. */
export interface Figures {
  readonly kind: string;
  readonly cases: number;
  readonly refused: number;
  readonly equal: number;
  readonly changed: number;
  readonly broken: readonly Pick<Outcome, 'index' | 'message'>[];
  readonly worstSeconds: number;
  readonly worstBytes: number;
}

/** Seconds after which a load counts as hanging; the worker limits CPU time more strictly. */
const PATIENCE = 60;
const ROOT = path.resolve(__dirname, '../..');

/**
 * Loads damaged files of a kind, from `seed`; a worker that crashes or hangs breaks a rule, and another takes over.
 *
 * @param cases number of files; the last has the number `from` + `cases` − 1
 */
export async function fuzz(kind: string, cases: number, seed: number, from = 0): Promise<Figures> {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'fuzz-')));
  const outcomes: Outcome[] = [];
  try {
    for (let first = from; first < from + cases;) {
      const { last, reason, done } = await runWorker(
        [kind, String(seed), String(first), String(from + cases), folder],
        outcomes,
      );
      if (done) break;
      if (last < first) throw new Error(`The worker of '${kind}' did not start: ${reason}`);
      outcomes.push({ index: last, result: 'broken', message: reason, seconds: 0, bytes: 0 });
      first = last + 1;
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
  const count = (result: Outcome['result']): number => outcomes.filter((each) => each.result === result).length;
  return {
    kind,
    cases: outcomes.length,
    refused: count('refused'),
    equal: count('equal'),
    changed: count('changed'),
    broken: outcomes.filter(({ result }) => result === 'broken').map(({ index, message }) => ({ index, message })),
    worstSeconds: Math.max(0, ...outcomes.map(({ seconds }) => seconds)),
    worstBytes: Math.max(0, ...outcomes.map(({ bytes }) => bytes)),
  };
}

interface Ending {
  /** The last file that was begun. */
  readonly last: number;
  readonly reason: string;
  readonly done: boolean;
}

function runWorker(args: readonly string[], outcomes: Outcome[]): Promise<Ending> {
  const worker = path.join(__dirname, 'worker.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', worker, ...args], {
    cwd: ROOT,
    env: { ...process.env, VIPS_CONCURRENCY: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [last, said, isLate] = [-1, '', false];
  const stop = (): void => {
    isLate = true;
    child.kill('SIGKILL');
  };
  let timer = setTimeout(stop, 4 * PATIENCE * 1000);
  child.stderr.on('data', (data: Buffer) => (said = (said + data.toString()).slice(-600)));
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (!line.startsWith('{')) return;
    clearTimeout(timer);
    timer = setTimeout(stop, PATIENCE * 1000);
    const { index, ...rest } = JSON.parse(line) as Partial<Outcome> & { readonly index: number };
    last = index;
    if (rest.result !== undefined) outcomes.push({ index, ...rest } as Outcome);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const reason = isLate ? `hangs for ${PATIENCE} s` : `ends the process (${signal ?? code}): ${said}`;
      resolve({ last, reason, done: code === 0 });
    });
  });
}
