/** Creates folders with their parents, as `mkdir -p`. */
import { promises as fs } from 'node:fs';
import path from 'node:path';
import { rangeError, type Action } from '../errors.js';

/**
 * Creates a folder and its missing parents. Node's own recursive `mkdir` never ends where a folder exists but cannot
 * contain new ones, as `/proc`: the system reports a missing parent (ENOENT), which Node creates and tries again.
 *
 * @param action action to name in errors: "Cannot ⟨action⟩: …"
 * @throws RangeError if the file system has no new folders there; any other error of the file system as it is
 */
export async function makeFolder(action: Action, folder: string): Promise<void> {
  const absolute = path.resolve(folder);
  try {
    await fs.mkdir(absolute);
  } catch (error) {
    if (await isFolder(absolute)) return;
    const parent = path.dirname(absolute);
    if (!isMissing(error) || parent === absolute) throw error;
    if (!(await isFolder(parent))) await makeFolder(action, parent);
    await makeInParent(action, absolute, folder);
  }
}

/** Creates a folder whose parent is there by now, whether this call created it or another at the same time. */
async function makeInParent(action: Action, absolute: string, folder: string): Promise<void> {
  try {
    await fs.mkdir(absolute);
  } catch (error) {
    if (await isFolder(absolute)) return;
    if (!isMissing(error)) throw error;
    throw rangeError(action, 'the file system must allow new folders there (choose another)', 'folder', folder);
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

async function isFolder(file: string): Promise<boolean> {
  return (await fs.stat(file).catch(() => undefined))?.isDirectory() ?? false;
}
