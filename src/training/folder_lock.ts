/**
 * A lock on a folder that several processes may write to: a file that names its owner. It holds among processes that
 * follow it, on local disks and on shared ones. What a killed process left is known by its process, which is gone;
 * what a process of another machine left cannot be known, so the message says which file to remove.
 */
import { readFileSync, rmSync, promises as fs } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { removeAbandoned } from '../support/atomic_file.js';
import { fileError } from '../support/file_error.js';
import { isRunning, newTag } from '../support/process_tag.js';

/** The file in a locked folder. */
export const LOCK_FILE = '.tfjs-convolutions.lock';

const ENDED = 'ended';
/** Milliseconds between two attempts. */
const PAUSE = 20;
/** Milliseconds in which a lock whose owner cannot be read may still be in the making. */
const GRACE = 5000;
/** Codes of file systems without hard links. */
const UNLINKABLE = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV']);

/** A lock that is held. */
export interface FolderLock {
  /** Gives the folder free; a second call does nothing. */
  release(): Promise<void>;
}

/** Who holds a lock. */
interface Owner {
  readonly pid: number;
  readonly host: string;
  /** When the process started, as its system counts; null where that is not known. */
  readonly birth: string | null;
  /** Tells the locks of one process apart. */
  readonly tag: string;
}

/** A folder that another process is writing to. */
export class LockedFolderError extends Error {
  override readonly name = 'LockedFolderError';

  constructor(action: string, folder: string, owner: Partial<Owner> | undefined) {
    const file = path.join(folder, LOCK_FILE);
    const isHere = owner?.host === os.hostname();
    const who =
      owner?.pid === undefined
        ? 'one that left no name'
        : `process ${owner.pid} on ${isHere ? 'this machine' : `the machine '${owner.host}'`}`;
    const remedy = `wait for it, or remove '${file}' if it ${isHere ? 'is none of this package' : 'has ended'}`;
    super(
      `Cannot ${action}: no other process must be writing to the folder (${who}: ${remedy}), received folder = '${folder}'`,
    );
  }
}

/**
 * Locks a folder.
 *
 * @param action what for, as in "Cannot ⟨action⟩: …"
 * @param folder folder that exists
 * @param patience seconds to wait for another owner
 * @throws LockedFolderError if another process holds the lock; FileAccessError if the folder cannot be written to
 */
export async function lockFolder(action: string, folder: string, patience = 0): Promise<FolderLock> {
  const file = path.resolve(folder, LOCK_FILE);
  const owner: Owner = { pid: process.pid, host: os.hostname(), birth: birthOf(process.pid) ?? null, tag: newTag() };
  const end = performance.now() + patience * 1000;
  try {
    for (;;) {
      if (await create(file, owner)) return hold(file, owner.tag);
      const found = await read(file);
      if (found === undefined) continue;
      if (found.isStale) await takeAway(file, found.text);
      else if (performance.now() >= end) throw new LockedFolderError(action, folder, found.owner);
      else await sleep(PAUSE);
    }
  } catch (error) {
    throw fileError(action, path.join(folder, LOCK_FILE), error);
  }
}

/**
 * Throws if another process holds the lock of a folder; changes nothing.
 *
 * @throws LockedFolderError
 */
export async function checkUnlocked(action: string, folder: string): Promise<void> {
  const found = await read(path.join(folder, LOCK_FILE));
  if (found !== undefined && !found.isStale) throw new LockedFolderError(action, folder, found.owner);
}

/** Creates the file with its contents in one step, unless it exists. */
async function create(file: string, owner: Owner): Promise<boolean> {
  const draft = `${file}.${owner.tag}.tmp`;
  const text = JSON.stringify(owner);
  try {
    await removeAbandoned(file);
    await fs.writeFile(draft, text);
    await fs.link(draft, file).catch(async (error: unknown) => {
      if (!UNLINKABLE.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
      await fs.writeFile(file, text, { flag: 'wx' });
    });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await fs.rm(draft, { force: true });
  }
}

/** The lock in place; undefined where there is none (any more). */
async function read(
  file: string,
): Promise<{ readonly text: string; readonly owner: Partial<Owner>; readonly isStale: boolean } | undefined> {
  try {
    const [text, { mtimeMs }] = [await fs.readFile(file, 'utf8'), await fs.stat(file)];
    const owner = parse(text);
    const isStale = owner.pid === undefined ? Date.now() - mtimeMs > GRACE : isGone(owner);
    return { text, owner, isStale };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function parse(text: string): Partial<Owner> {
  try {
    const owner = JSON.parse(text) as Partial<Owner> | null;
    return Number.isSafeInteger(owner?.pid) && owner!.pid! > 0 && typeof owner?.host === 'string' ? owner : {};
  } catch {
    return {};
  }
}

/** Whether the owner was a process of this machine that has ended; its number may belong to another one by now. */
function isGone({ pid, host, birth }: Partial<Owner>): boolean {
  if (host !== os.hostname()) return false;
  const now = birthOf(pid!);
  if (!isRunning(pid!) || now === ENDED) return true;
  return typeof birth === 'string' && now !== undefined && now !== birth;
}

/** Removes a stale lock, but not one that another process put in its place meanwhile. */
async function takeAway(file: string, stale: string): Promise<void> {
  const aside = `${file}.${newTag()}.tmp`;
  try {
    await fs.rename(file, aside);
    if ((await fs.readFile(aside, 'utf8')) !== stale) await fs.link(aside, file);
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    await fs.rm(aside, { force: true });
  }
}

function hold(file: string, tag: string): FolderLock {
  const remove = (): void => {
    try {
      // Another process may have been told to remove it, and hold its own now.
      if (parse(readFileSync(file, 'utf8')).tag === tag) rmSync(file, { force: true });
    } catch {
      // The folder is gone, and the lock with it.
    }
  };
  process.once('exit', remove);
  return {
    release: () => {
      process.off('exit', remove);
      remove();
      return Promise.resolve();
    },
  };
}

/**
 * When a process started, in ticks since the machine did: /proc/⟨pid⟩/stat, field 22. Linux alone has it. Field 3 tells
 * a process that has ended from one that runs, until its parent asks for its status.
 */
function birthOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? ENDED : fields[19];
  } catch {
    return undefined;
  }
}
