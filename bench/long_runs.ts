/**
 * Checks that memory stays constant over a long run. Trains 20,000 steps on wasm and 2,000 on tfjs-node, each in its own process;
 * prints a table and writes docs/images/long_runs.svg. Takes some minutes.
 *
 *   npm run -w bench long-runs
 *   npm run -w bench long-runs -- --backend wasm --steps 2000
 */
import { fork } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { loadNative } from '../test/support/native.js';
import { longRun, type MemorySample } from './support/long_run.js';
import { longRunChart, MEASURES } from './support/long_run_chart.js';
import { markdownTable } from './support/table.js';

/** Number of steps on each backend. */
const RUNS = { wasm: 20_000, tensorflow: 2_000 } as const;

/** Fraction of a run after which memory should be constant. */
const WARM_UP = 0.1;

const PICTURE = path.join(__dirname, '../docs/images/long_runs.svg');

type Backend = keyof typeof RUNS;

/** Runs in another process and returns all samples. */
async function measure(backend: Backend, steps: number): Promise<MemorySample[]> {
  const samples: MemorySample[] = [];
  const child = fork(__filename, ['--child', '--backend', backend, '--steps', String(steps)], {
    execArgv: [...process.execArgv, '--expose-gc'],
  });
  child.on('message', (sample: MemorySample) => {
    samples.push(sample);
    if (process.stderr.isTTY) process.stderr.write(`\r${backend}: ${sample.step} of ${steps} steps `);
  });
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (status !== 0) throw new Error(`Cannot measure: the run on ${backend} must end well, received status = ${status}`);
  return samples;
}

/** Least-squares slope of a measure, per 1,000 steps. */
function slope(samples: readonly MemorySample[], value: (sample: MemorySample) => number): number {
  const mean = (of: (sample: MemorySample) => number): number =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [x, y] = [mean(({ step }) => step), mean(value)];
  const covariance = mean((sample) => (sample.step - x) * (value(sample) - y));
  return (1000 * covariance) / mean(({ step }) => (step - x) ** 2);
}

function rowsOf(samples: readonly MemorySample[]): string[][] {
  const { backend, step: steps } = samples.at(-1)!;
  const warm = samples.filter(({ step }) => step >= WARM_UP * steps);
  return MEASURES.flatMap(({ title, value }) => {
    if (value(samples[0]!) === undefined) return [];
    const of = (sample: MemorySample): number => value(sample) ?? NaN;
    const values = [of(samples[0]!), of(warm[0]!), of(warm.at(-1)!), slope(warm, of)];
    return [[`${backend}, ${steps} steps`, title, ...values.map((number) => String(Number(number.toFixed(3))))]];
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { child: { type: 'boolean' }, backend: { type: 'string' }, steps: { type: 'string' } },
  });
  const names = Object.keys(RUNS) as Backend[];
  const chosen = names.filter((name) => values.backend === undefined || name === values.backend);
  const stepsOf = (name: Backend): number => (values.steps === undefined ? RUNS[name] : Number(values.steps));
  if (values.child) {
    const [name] = chosen;
    if (name === 'tensorflow') loadNative();
    await longRun(name!, stepsOf(name!), (sample) => {
      process.send!(sample);
    });
    process.disconnect();
    return;
  }
  const runs: MemorySample[][] = [];
  for (const name of chosen) runs.push(await measure(name, stepsOf(name)));
  const head = ['run', 'measure', 'first', 'after a tenth', 'at the end', 'growth per 1,000 steps after a tenth'];
  process.stdout.write(`${markdownTable(head, runs.flatMap(rowsOf))}\n`);
  if (chosen.length === names.length) fs.writeFileSync(PICTURE, await longRunChart(runs));
}

void main();
