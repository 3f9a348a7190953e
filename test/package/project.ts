/** A fresh project beside nothing of ours: the packed tarball installed from scratch, as a user's first minute. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '../..');
const CONSUMER = path.join(__dirname, 'consumer');

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface PackedProject {
  readonly directory: string;
  readonly tarball: string;
  /** Paths inside the package. */
  readonly files: readonly string[];
  /** Runs Node in the project. */
  node: (...args: string[]) => Outcome;
  /** Runs a development tool of the repository, by the path of its script below node_modules, in the project. */
  tool: (script: string, ...args: string[]) => Outcome;
  remove: () => void;
}

/** Packs the built package, then installs it with its peers in a new folder. */
export function createProject(): PackedProject {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'tfjs-convolutions-'));
  const packed = npm(ROOT, 'pack', '--json', '--pack-destination', directory);
  const [{ filename, files }] = JSON.parse(packed) as [{ filename: string; files: { path: string }[] }];
  const tarball = path.join(directory, filename);
  fs.writeFileSync(path.join(directory, 'package.json'), JSON.stringify({ name: 'consumer', private: true }));
  npm(directory, 'install', '--no-audit', '--no-fund', tarball);
  for (const name of fs.readdirSync(CONSUMER)) fs.copyFileSync(path.join(CONSUMER, name), path.join(directory, name));
  const node = (...args: string[]): Outcome => run(directory, process.execPath, args);
  return {
    directory,
    tarball,
    files: files.map((file) => file.path),
    node,
    tool: (script, ...args) => node(path.join(ROOT, 'node_modules', script), ...args),
    remove: () => {
      fs.rmSync(directory, { recursive: true, force: true });
    },
  };
}

function npm(cwd: string, ...args: string[]): string {
  const { status, stdout, stderr } = run(cwd, 'npm', args);
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed:\n${stderr}`);
  return stdout;
}

function run(cwd: string, command: string, args: readonly string[]): Outcome {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (error) throw error;
  return { status, stdout, stderr };
}
