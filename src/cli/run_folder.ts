/**
 * The folder of a training run. The rule that keeps finished work safe: a new run starts only in a folder that is new or
 * empty; `--resume` goes on in a folder that holds a checkpoint; `--overwrite` removes the run that is there.
 */
import { promises as fs } from 'node:fs';
import path from 'node:path';

export const RUNS_FOLDER = 'runs';
/** Where `analyze` writes its pictures, each time in a folder of its own. */
export const ANALYSIS_FOLDER = 'analysis';

/** What a run writes, relative to its folder. */
export const RUN_FILES = {
  model: 'model',
  history: 'history.csv',
  curves: 'curves.svg',
  sampling: 'sampling.svg',
  checkpoint: 'checkpoint.bin',
} as const;

/** Throws unless a new run may start in the folder; changes nothing. */
export async function checkNewRun(folder: string, overwrite: boolean): Promise<void> {
  const stat = await fs.stat(folder).catch(() => undefined);
  if (!stat) return;
  if (!stat.isDirectory()) throw new Error(`Cannot train: --out must be a folder, received --out = '${folder}'`);
  if (!overwrite && (await fs.readdir(folder)).length > 0) {
    const rule = '--out must be a new or empty folder (--resume continues the run in it, --overwrite replaces it)';
    throw new Error(`Cannot train: ${rule}, received --out = '${folder}'`);
  }
}

/** Creates the folder of a new run, under the same rule; what an earlier run wrote there is removed. */
export async function createRun(folder: string, overwrite: boolean): Promise<void> {
  await checkNewRun(folder, overwrite);
  await fs.mkdir(folder, { recursive: true });
  for (const name of Object.values(RUN_FILES)) await fs.rm(path.join(folder, name), { recursive: true, force: true });
}

/** Creates `runs/<name>-1`, or the first number that is free. */
export async function createNumberedRun(name: string): Promise<string> {
  return createNumberedFolder(RUNS_FOLDER, name);
}

/** Creates `<parent>/<name>-1`, or the first number that is free. */
export async function createNumberedFolder(parent: string, name: string): Promise<string> {
  await fs.mkdir(parent, { recursive: true });
  for (let number = 1; ; number++) {
    const folder = path.join(parent, `${name}-${number}`);
    try {
      await fs.mkdir(folder);
      return folder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** The folder that `--resume` means: `--out`, or the run below `runs` whose checkpoint is the newest. */
export async function findRun(out: string | undefined): Promise<string> {
  if (out !== undefined) {
    if ((await checkpointTime(out)) !== undefined) return out;
    throw new Error(`Cannot resume: the folder must hold ${RUN_FILES.checkpoint}, received --out = '${out}'`);
  }
  let newest: { folder: string; time: number } | undefined;
  for (const name of await fs.readdir(RUNS_FOLDER).catch(() => [])) {
    const folder = path.join(RUNS_FOLDER, name);
    const time = await checkpointTime(folder);
    if (time !== undefined && (!newest || time > newest.time)) newest = { folder, time };
  }
  if (newest) return newest.folder;
  throw new Error(
    `Cannot resume: there must be a run to continue, received --out = none and no checkpoint in '${RUNS_FOLDER}'`,
  );
}

async function checkpointTime(folder: string): Promise<number | undefined> {
  return (await fs.stat(path.join(folder, RUN_FILES.checkpoint)).catch(() => undefined))?.mtimeMs;
}
