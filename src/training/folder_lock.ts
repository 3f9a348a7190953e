/**
 * A lock on a folder that several processes may write to: a file that names its owner. It is advisory and works on both
 * local and shared disks. A lock left behind by a killed process is recognized, since the process no longer exists; on
 * another machine this cannot be checked, so the error says which file to remove.
 */
import { readFileSync, rmSync, promises as fs } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { removeAbandoned } from '../support/atomic_file.js';
import { fileError } from '../support/file_error.js';
import { isRunning, newTag } from '../support/process_tag.js';

/** Name of the lock file in a locked folder. */
export const LOCK_FILE = '.tfjs-convolutions.lock';

const ENDED = 'ended';
/** Milliseconds between two attempts. */
const PAUSE = 20;
/** Milliseconds for which a lock without a readable owner is assumed to be still being written. */
const GRACE_PERIOD = 5000;
/** Codes of file systems without hard links. */
const UNLINKABLE = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV']);

/** A lock held by this process. */
export interface FolderLock {
  /** Unlocks the folder; a second call does nothing. */
  release(): Promise<void>;
}

/** Owner of a lock. */
interface Owner {
  readonly pid: number;
  readonly host: string;
  /** Start time of the process in units of its system; null if unknown. */
  readonly birth: string | null;
  /** Distinguishes the locks of one process. */
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
        ? 'an unknown process'
        : `process ${owner.pid} on ${isHere ? 'this machine' : `the machine '${owner.host}'`}`;
    const remedy = `wait for it, or remove '${file}' if it ${isHere ? 'does not belong to this package' : 'has ended'}`;
    super(
      `Cannot ${action}: no other process may be writing to the folder (${who}: ${remedy}), received folder = '${folder}'`,
    );
  }
}

/**
 * Locks a folder.
 *
 * @param action action to name in errors: "Cannot ⟨action⟩: …"
 * @param folder existing folder
 * @param patience seconds to wait for another owner to release the lock
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
      if (found.isStale) await removeStale(file, found.text);
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

/** Creates the file with its contents atomically; false if it already exists. */
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

/** Reads the current lock; undefined if there is none (any more). */
async function read(
  file: string,
): Promise<{ readonly text: string; readonly owner: Partial<Owner>; readonly isStale: boolean } | undefined> {
  try {
    const [text, { mtimeMs }] = [await fs.readFile(file, 'utf8'), await fs.stat(file)];
    const owner = parse(text);
    const isStale = owner.pid === undefined ? Date.now() - mtimeMs > GRACE_PERIOD : isGone(owner);
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

/** Tests for an owner on this machine that has ended; its process ID may have been reused since. */
function isGone({ pid, host, birth }: Partial<Owner>): boolean {
  if (host !== os.hostname()) return false;
  const now = birthOf(pid!);
  if (!isRunning(pid!) || now === ENDED) return true;
  return typeof birth === 'string' && now !== undefined && now !== birth;
}

/** Removes a stale lock, but not a new one that another process has created in the meantime. */
async function removeStale(file: string, stale: string): Promise<void> {
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
      // A user may have removed the file, and another process may hold a lock of its own by now.
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
 * Start time of a process in clock ticks since boot: field 22 of /proc/⟨pid⟩/stat, which only Linux has. Field 3 identifies
 * zombies: processes that have ended, but whose parent has not asked for their status yet.
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
