/**
 * The folder of a training run. Rules that keep finished work safe: a new run starts only in a folder that is new, empty,
 * or holds nothing but a run that was stopped before its first checkpoint; `--resume` continues in a folder that holds a
 * checkpoint; `--overwrite` replaces only the files that `run.json` lists, which `train` wrote, and touches nothing else.
 * Only one process at a time writes to the folder.
 */
import { promises as fs } from 'node:fs';
import path from 'node:path';
import { isTemporary, removeAbandoned, writeFileAtomic } from '../support/atomic_file.js';
import { fileError } from '../support/file_error.js';
import { makeFolder } from '../support/make_folder.js';
import { checkUnlocked, LOCK_FILE, lockFolder, type FolderLock } from '../training/folder_lock.js';
import { backUpRun, removeIfEmpty, removeReplaced } from './replaced_run.js';
import { newRecord, readRecord, RUN_FILES, WRITABLE, writeRecord, type RunData, type RunRecord } from './run_record.js';

export const RUNS_FOLDER = 'runs';
/** Parent of the folders that `analyze` writes plots to, a new one each time. */
export const ANALYSIS_FOLDER = 'analysis';

const TRAIN = 'train';
/** Files that every run writes, listed from the start. */
const FIRST_FILES = [RUN_FILES.checkpoint, RUN_FILES.history];

/** The folder of a run, locked so that only this process writes to it. */
export class RunFolder {
  private constructor(
    /** Path as given on the command line. */
    readonly folder: string,
    /** Folder that keeps the replaced run until this one finishes; undefined if no run is replaced. */
    readonly replaced: string | undefined,
    private record: RunRecord,
    private readonly lock: FolderLock,
  ) {}

  /** Starts a run in a folder, under the same rules as {@link checkNewRun}; creates the folder if it does not exist. */
  static async create(folder: string, overwrite: boolean, data: RunData): Promise<RunFolder> {
    await makeFolder(TRAIN, folder).catch((error: unknown) => {
      throw fileError(TRAIN, folder, error);
    });
    const lock = await lockFolder(TRAIN, folder);
    try {
      const old = await findReplaced(folder, overwrite);
      await removeLeftovers(folder, old?.files ?? WRITABLE);
      const replaced = old && (await backUpRun(folder, old));
      const record = newRecord(data, [...new Set([...FIRST_FILES, ...(old?.files ?? [])])]);
      await writeRecord(folder, record);
      return new RunFolder(folder, replaced, record, lock);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /**
   * Continues the run in a folder.
   *
   * @param lock lock of the folder, acquired before its checkpoint was read
   * @param run unique ID of the run in the checkpoint; undefined in checkpoints of earlier versions
   */
  static async reopen(folder: string, lock: FolderLock, run: string | undefined, data: RunData): Promise<RunFolder> {
    const found = await readRecord('resume', folder);
    await removeLeftovers(folder, found?.files ?? WRITABLE);
    if (found !== undefined && found.run === run) return new RunFolder(folder, undefined, found, lock);
    // The record is missing, or belongs to a run that was to replace this one but never wrote a checkpoint.
    const record = newRecord(data, found?.files ?? (await existing(folder, WRITABLE)), run);
    await writeRecord(folder, record);
    return new RunFolder(folder, undefined, record, lock);
  }

  /** Unique ID of the run. */
  get run(): string {
    return this.record.run;
  }

  /** Path of a file of the run. */
  pathOf(name: string): string {
    return path.join(this.folder, name);
  }

  /** Adds names to the record before files of these names are written. */
  async claim(names: readonly string[]): Promise<void> {
    const files = [...new Set([...this.record.files, ...names])];
    if (files.length > this.record.files.length) await this.rewrite(files);
  }

  /** Writes a file of the run. */
  async write(name: string, contents: string | Uint8Array): Promise<void> {
    await this.claim([name]);
    await writeFileAtomic(this.pathOf(name), typeof contents === 'string' ? contents : [contents]);
  }

  /** Ends the run and removes files of an earlier run that are not among these names. */
  async finish(names: readonly string[]): Promise<void> {
    for (const name of this.record.files.filter((file) => !names.includes(file))) {
      await fs.rm(this.pathOf(name), { force: true });
    }
    await removeIfEmpty(this.pathOf(RUN_FILES.start));
    await removeReplaced(this.folder);
    await this.rewrite(names);
  }

  /** Unlocks the folder. */
  async release(): Promise<void> {
    await this.lock.release();
  }

  private async rewrite(files: readonly string[]): Promise<void> {
    this.record = { ...this.record, files };
    await writeRecord(this.folder, this.record);
  }
}

/** Removes temporary files that killed processes left while writing files of a run. */
async function removeLeftovers(folder: string, files: readonly string[]): Promise<void> {
  for (const name of files) await removeAbandoned(path.join(folder, name));
}

/** Throws unless a new run may start in the folder; changes nothing. */
export async function checkNewRun(folder: string, overwrite: boolean): Promise<void> {
  const stat = await fs.stat(folder).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw fileError(TRAIN, folder, error);
  });
  if (!stat) return;
  if (!stat.isDirectory()) throw new Error(`Cannot train: --out must be a folder, received --out = '${folder}'`);
  await checkUnlocked(TRAIN, folder);
  await findReplaced(folder, overwrite);
}

/** Finds the run that a new run in the folder replaces; undefined if there is none. */
async function findReplaced(folder: string, overwrite: boolean): Promise<RunRecord | undefined> {
  const refuse = (rule: string): never => {
    throw new Error(`Cannot train: ${rule}, received --out = '${folder}'`);
  };
  const names = await fs.readdir(folder);
  if (names.every((name) => name === LOCK_FILE || isTemporary(name))) return undefined;
  const record = await readRecord(TRAIN, folder);
  const written = record ? await existing(folder, record.files) : [];
  if (!overwrite && (record === undefined || written.length > 0)) {
    refuse('--out must be a new or empty folder (--resume continues the run in it, --overwrite replaces it)');
  }
  if (record === undefined) {
    return refuse(`--overwrite replaces only what 'train' wrote, and the folder has no ${RUN_FILES.record}`);
  }
  const [foreign] = (await existing(folder, WRITABLE)).filter((name) => !record.files.includes(name));
  if (foreign !== undefined) refuse(`the run must not overwrite '${foreign}', which no run wrote`);
  return written.length > 0 ? record : undefined;
}

/** Filters the names of existing files or folders. */
async function existing(folder: string, names: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    names.map((name) =>
      fs.lstat(path.join(folder, name)).then(
        () => true,
        // A file called `model` is in the way of the folder `model` too.
        (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOTDIR',
      ),
    ),
  );
  return names.filter((_, index) => found[index]);
}

/** Starts a run in `runs/<name>-1`, or with the first number that is free. */
export async function createNumberedRun(name: string, data: RunData): Promise<RunFolder> {
  const folder = await createNumberedFolder(RUNS_FOLDER, name);
  try {
    return await RunFolder.create(folder, false, data);
  } catch (error) {
    await removeIfEmpty(folder);
    throw error;
  }
}

/** Creates the folder `<parent>/<name>-1`, or with the first number that is free. */
export async function createNumberedFolder(parent: string, name: string): Promise<string> {
  for (let number = 1; ; number++) {
    const folder = path.join(parent, `${name}-${number}`);
    try {
      await makeFolder('create the folder', parent);
      await fs.mkdir(folder);
      return folder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw fileError('create the folder', folder, error);
      const stat = await fs.stat(parent);
      if (!stat.isDirectory()) {
        throw new Error(`Cannot create a folder: '${parent}' must be a folder`, { cause: error });
      }
    }
  }
}

/** The folder to resume: `--out`, or the run in `runs/` with the latest checkpoint. */
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
