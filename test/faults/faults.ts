/**
 * Faults injected into real runs of the built program: kills, full and broken disks, damaged files, several writers.
 * After each, the program resumes to the same bits as a run without faults, or explains in one line why it cannot, and
 * the old model loads.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import '../../src/register.js';
import { isTemporary } from '../../src/support/atomic_file.js';
import { LOCK_FILE } from '../../src/training/folder_lock.js';
import { outcome } from '../cli/support.js';
import { writeIdxFolder } from '../training/support/idx_files.js';

const ROOT = path.resolve(__dirname, '../..');
const MAIN = path.join(ROOT, 'dist/cjs/cli/main.js');
const PRELOAD = path.join(ROOT, 'test/faults/preload.cjs');
const WRITER = path.join(ROOT, 'test/faults/writer.cjs');

/** Kinds of disk failure. */
export const DISKS = ['ENOSPC', 'EDQUOT', 'EIO', 'EROFS'] as const;
export type Disk = (typeof DISKS)[number];

/** Result of a process. */
interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Fault {
  readonly folder: string;
  readonly at?: number;
  readonly mode?: 'kill' | Disk;
  readonly log?: string;
}

/** Options for starting a command. */
interface StartOptions {
  readonly fault?: Fault;
  /** Milliseconds until it is killed. */
  readonly killAfter?: number;
}

/** A folder with a small data set, in which runs are started and broken. */
export class FaultLab {
  readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tfjs-convolutions-faults-'));
  private count = 0;
  private readonly straight = new Map<number, object>();

  constructor() {
    writeIdxFolder(this.path('bars'), { train: 12, test: 6, classes: 3 });
  }

  dispose(): void {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  path(...parts: string[]): string {
    return path.join(this.folder, ...parts);
  }

  /** Returns a name for a new run. */
  newName(): string {
    return `run${this.count++}`;
  }

  /** Returns the command-line arguments that start a run. */
  words(seed: number, out: string, ...more: string[]): string[] {
    const network = '--alpha 0.0625 --size 8 --deformable 1 --downsampling 1 --epochs 3 --batch 4 --no-plots'.split(
      ' ',
    );
    return ['train', '--data', 'bars', ...network, '--seed', String(seed), '--out', out, ...more];
  }

  async start(words: readonly string[], { fault, killAfter }: StartOptions = {}): Promise<Ended> {
    const preload = fault ? ['--require', PRELOAD] : [];
    const env = fault ? { ...process.env, FAULT: JSON.stringify(fault) } : process.env;
    return runNode([...preload, MAIN, ...words], this.folder, env, killAfter);
  }

  /** Returns the result of a run with this seed and without faults. */
  async undisturbed(seed: number): Promise<object> {
    const known = this.straight.get(seed);
    if (known !== undefined) return known;
    const name = this.newName();
    expectDone(await this.start(this.words(seed, name)));
    const result = await outcome(this.path(name));
    this.straight.set(seed, result);
    return result;
  }

  /** Returns a folder with the finished run of seed 1. */
  async finishedRun(): Promise<string> {
    await this.undisturbed(1);
    const name = this.newName();
    fs.cpSync(this.path('run0'), this.path(name), { recursive: true });
    return name;
  }

  /** Resumes a run if it has a checkpoint, and starts it otherwise; it must end like a run without faults. */
  async goOn(seed: number, name: string): Promise<void> {
    const hasCheckpoint = fs.existsSync(this.path(name, 'checkpoint.bin'));
    expectDone(
      await this.start(hasCheckpoint ? ['train', '--resume', '--no-plots', '--out', name] : this.words(seed, name)),
    );
    await this.expectOutcome(name, [seed]);
  }

  /** Fails unless a folder holds the results of a run with one of the seeds, and no temporary files. */
  async expectOutcome(name: string, seeds: readonly number[]): Promise<void> {
    const result = await outcome(this.path(name));
    const wanted = await Promise.all(seeds.map((seed) => this.undisturbed(seed)));
    check(
      wanted.some((one) => isDeepStrictEqual(result, one)),
      `the results of '${name}' differ from those of an undisturbed run`,
    );
    const left = litter(this.path(name));
    check(left.length === 0, `temporary files are left: ${left.join(', ')}`);
  }

  /** Fails unless a folder holds the model of a run with one of the seeds. */
  async expectModel(name: string, seeds: readonly number[]): Promise<void> {
    const { model } = (await outcome(this.path(name), { modelOnly: true })) as { readonly model: string };
    const wanted = (await Promise.all(seeds.map((seed) => this.undisturbed(seed)))) as { readonly model: string }[];
    check(
      wanted.some((one) => one.model === model),
      `the model of '${name}' is that of no run`,
    );
  }

  /** Returns the file operations of a run without faults, by name and file. */
  async operations(isOverwriting: boolean): Promise<string[]> {
    const name = isOverwriting ? await this.finishedRun() : this.newName();
    const log = this.path(`${name}.log`);
    const words = this.words(isOverwriting ? 2 : 1, name, ...(isOverwriting ? ['--overwrite'] : []));
    expectDone(await this.start(words, { fault: { folder: this.path(name), log } }));
    return fs.readFileSync(log, 'utf8').trim().split('\n');
  }

  /** Kills a new run at its n-th operation; it must resume to the same bits. */
  async killNewRun(at: number): Promise<void> {
    const name = this.newName();
    const ended = await this.start(this.words(1, name), { fault: { folder: this.path(name), at, mode: 'kill' } });
    check(ended.status === null, `the run ended before its operation ${at}`);
    if (fs.existsSync(this.path(name, 'model/model.json'))) await this.expectModel(name, [1]);
    await this.goOn(1, name);
  }

  /** Kills a run that replaces another at its n-th operation: a model must load, and a run resume to its bits. */
  async killOverwritingRun(at: number): Promise<void> {
    const name = await this.finishedRun();
    const ended = await this.start(this.words(2, name, '--overwrite'), {
      fault: { folder: this.path(name), at, mode: 'kill' },
    });
    check(ended.status === null, `the run ended before its operation ${at}`);
    await this.expectModel(name, [1, 2]);
    expectDone(await this.start(['train', '--resume', '--no-plots', '--out', name]));
    await this.expectOutcome(name, [1, 2]);
  }

  /** Kills and resumes a run at random moments until it ends or the kills are used up; returns the number of kills. */
  async killAtRandom(random: () => number, kills: number, longest: number): Promise<number> {
    const name = this.newName();
    let done = 0;
    for (;;) {
      const hasCheckpoint = fs.existsSync(this.path(name, 'checkpoint.bin'));
      const words = hasCheckpoint ? ['train', '--resume', '--no-plots', '--out', name] : this.words(1, name);
      const ended = await this.start(words, done < kills ? { killAfter: random() * longest } : {});
      if (ended.status !== null) {
        expectDone(ended);
        break;
      }
      done++;
    }
    await this.expectOutcome(name, [1]);
    return done;
  }

  /**
   * Makes the disk fail from the n-th operation on: one line and no temporary files; later the run resumes to the same
   * bits.
   */
  async failDisk(disk: Disk, at: number): Promise<'refused' | 'tolerated'> {
    const name = this.newName();
    const ended = await this.start(this.words(1, name), { fault: { folder: this.path(name), at, mode: disk } });
    if (ended.status !== 0) {
      expectRefused(ended, name);
      // On a read-only disk, or one that fails during removal, they stay until the next attempt.
      const left = disk === 'ENOSPC' || disk === 'EDQUOT' ? litter(this.path(name)) : [];
      check(left.length === 0, `temporary files are left: ${left.join(', ')}`);
    }
    await this.goOn(1, name);
    return ended.status === 0 ? 'tolerated' : 'refused';
  }

  /** Damages a file of a finished run or of its data: the same bits, or one line. */
  async damage(
    file: string,
    command: 'train' | 'evaluate',
    change: (bytes: Buffer) => Buffer,
  ): Promise<'refused' | 'same'> {
    const name = await this.finishedRun();
    const target = file.startsWith('bars') ? this.path(file) : this.path(name, file);
    const good = fs.existsSync(target) ? fs.readFileSync(target) : Buffer.from('{"pid":1,"host":"elsewhere"}');
    fs.writeFileSync(target, change(Buffer.from(good)));
    const words = command === 'train' ? ['train', '--resume', '--no-plots', '--out', name] : ['evaluate', name];
    const ended = await this.start(words);
    if (file.startsWith('bars')) fs.writeFileSync(target, good);
    if (ended.status !== 0) {
      expectRefused(ended, '');
      return 'refused';
    }
    check(/^(note: [^\n]*\n)?$/.test(ended.stderr), `stderr is not a note: ${ended.stderr}`);
    if (command === 'train') await this.expectOutcome(name, [1]);
    return 'same';
  }

  /** Lets two processes save models and checkpoints in one folder while a third loads them. */
  async writeTogether(seconds: number): Promise<{ readonly saves: number; readonly reads: number }> {
    const folder = this.path(this.newName());
    fs.mkdirSync(folder);
    const run = (role: string): Promise<Ended> => runNode([WRITER, role, folder, String(seconds)], ROOT, process.env);
    const ended = await Promise.all([run('1'), run('2'), run('read')]);
    for (const one of ended) check(one.status === 0 && one.stderr === '', `a writer or reader failed: ${one.stderr}`);
    const left = litter(folder);
    check(left.length === 0, `temporary files are left: ${left.join(', ')}`);
    const [first, second, reads] = ended.map(({ stdout }) => Number(stdout)) as [number, number, number];
    return { saves: first + second, reads };
  }
}

async function runNode(
  words: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  killAfter?: number,
): Promise<Ended> {
  const child = spawn(process.execPath, words, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
  if (killAfter !== undefined) {
    await Promise.race([sleep(killAfter), closed]);
    child.kill('SIGKILL');
  }
  return { status: await closed, stdout, stderr };
}

/** Returns temporary files and locks below a folder. */
function litter(folder: string): string[] {
  const names = fs.existsSync(folder) ? (fs.readdirSync(folder, { recursive: true }) as string[]) : [];
  return names.filter((name) => isTemporary(name) || [LOCK_FILE, 'weights.new.bin'].includes(path.basename(name)));
}

function expectDone({ status, stderr }: Ended): void {
  check(status === 0 && stderr === '', `the program ended with ${status}: ${stderr}`);
}

/** Fails unless a process ended with one line that names a file. */
function expectRefused({ status, stderr }: Ended, file: string): void {
  const isLine = /^error: Cannot [^\n]*\n$/.test(stderr) && stderr.length < 1000 && stderr.includes(file);
  check(status === 1 && isLine, `not one clear line with status 1 (${status}): ${stderr}`);
}

function check(isTrue: boolean, message: string): void {
  if (!isTrue) throw new Error(message);
}
