/** Runs the built command line as a user would. */
import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import '../../src/index.js';
import { loadCheckpoint } from '../../src/training/checkpoint_file.js';
import { fileHandler } from '../../src/training/model_files.js';

export const ROOT = path.resolve(__dirname, '../..');
const MAIN = path.join(ROOT, 'dist/cjs/cli/main.js');

/** Exit status and output of the program. */
export interface CliResult {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running instance of the program. */
export interface CliRun {
  readonly process: ChildProcess;
  /** Resolves once standard output contains the text. */
  readonly until: (text: string) => Promise<void>;
  readonly result: Promise<CliResult>;
}

/** Options for networks and images so small that an epoch takes a fraction of a second. */
export const TINY = '--alpha 0.0625 --size 16 --deformable 1'.split(' ');

/** Starts the program in a folder. */
export function startCli(args: readonly string[], cwd: string, main = MAIN): CliRun {
  if (!fs.existsSync(main)) {
    throw new Error('The program is not built: run `npm run build`, or the tests by `npm test`');
  }
  const child = spawn(process.execPath, [main, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  const waiting: (() => void)[] = [];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    for (const check of waiting) check();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const result = new Promise<CliResult>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => {
      resolve({ status, signal, stdout, stderr });
    });
  });
  const until = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        if (stdout.includes(text)) resolve();
      };
      waiting.push(check);
      check();
      void result.then(() => {
        reject(new Error(`The program ended before it printed '${text}': ${stdout}${stderr}`));
      });
    });
  return { process: child, until, result };
}

/** Runs the program to completion. */
export async function runCli(args: readonly string[], cwd: string): Promise<CliResult> {
  return startCli(args, cwd).result;
}

/** Runs the program and fails unless it succeeds. */
export async function succeed(args: readonly string[], cwd: string): Promise<CliResult> {
  const result = await runCli(args, cwd);
  expect({ status: result.status, stderr: result.stderr }).toEqual({ status: 0, stderr: '' });
  return result;
}

/** Runs the program and fails unless it exits with the status and exactly one line on stderr, which contains the text. */
export async function expectFailure(
  args: readonly string[],
  cwd: string,
  status: number,
  message: string,
): Promise<void> {
  const result = await runCli(args, cwd);
  expect(result.stderr).toMatch(/^error: [^\n]*\n$/);
  expect(result.stderr).toContain(message);
  expect(result.status).toBe(status);
}

/** Everything that a run computes, to be compared bit by bit: weights, moments, counters, history; all but its times. */
export async function outcome(folder: string, { modelOnly = false } = {}): Promise<object> {
  const { weightData } = (await fileHandler(path.join(folder, 'model')).load!()) as {
    readonly weightData: ArrayBuffer;
  };
  const model = Buffer.from(weightData).toString('base64');
  if (modelOnly) return { model };
  const { weights, moments, state, header } = await loadCheckpoint(path.join(folder, 'checkpoint.bin'));
  return {
    model,
    weights: weights.map((values) => [...values]),
    moments: moments.map((values) => [...values]),
    iterations: header.iterations,
    history: state.history.map((record) => ({ ...record, seconds: 0 })),
  };
}

/** Contents of every file in a folder, to check that nothing changed. */
export function snapshot(folder: string): Record<string, string> {
  if (!fs.existsSync(folder)) return {};
  const names = fs.readdirSync(folder, { recursive: true }) as string[];
  const files = names.filter((name) => fs.statSync(path.join(folder, name)).isFile()).sort();
  return Object.fromEntries(files.map((name) => [name, fs.readFileSync(path.join(folder, name)).toString('base64')]));
}
