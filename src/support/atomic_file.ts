/** Files that are either the old ones or the new ones, whenever the process or the machine stops. */
import { promises as fs } from 'node:fs';
import path from 'node:path';
import { fileError } from './file_error.js';
import { isAbandoned, isTag, newTag } from './process_tag.js';

const ACTION = 'write the file';
const SUFFIX = '.tmp';

/** Codes of file systems that cannot sync a folder; their renames last without it, or nothing can be done. */
const UNSYNCABLE = new Set(['EINVAL', 'ENOTSUP', 'EISDIR', 'EPERM', 'EACCES']);

/**
 * Writes a file under a temporary name of its own, waits until it is on the disk, and renames it. Of several writers, in
 * one process or in many, the last one wins; readers see the whole of one of them.
 *
 * @param file path of the file; its folder must exist
 * @param contents text, or bytes in parts
 * @throws FileAccessError if the disk is full or read-only, the folder is gone and the like; no temporary file is left
 */
export async function writeFileAtomic(file: string, contents: string | readonly Uint8Array[]): Promise<void> {
  const temporary = `${file}.${newTag()}${SUFFIX}`;
  try {
    await removeAbandoned(file);
    const handle = await fs.open(temporary, 'wx');
    try {
      for (const part of typeof contents === 'string' ? [contents] : contents) await handle.writeFile(part);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await fs.rename(temporary, file);
    await syncFolder(path.dirname(file));
  } catch (error) {
    await fs.rm(temporary, { force: true }).catch(() => undefined);
    throw fileError(ACTION, file, error);
  }
}

/** Whether a name is that of a temporary file of this module. */
export function isTemporary(name: string): boolean {
  return temporaryTag(name) !== undefined;
}

/** The tag in the name of a temporary file; undefined in other names. */
function temporaryTag(name: string): string | undefined {
  const tag = name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length).split('.').at(-1)! : '';
  return isTag(tag) ? tag : undefined;
}

/** Removes what killed processes left of earlier attempts at the same file; its folder need not exist. */
export async function removeAbandoned(file: string): Promise<void> {
  const [folder, prefix] = [path.dirname(file), `${path.basename(file)}.`];
  const names = await fs.readdir(folder).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  for (const name of names) {
    const tag = name.startsWith(prefix) ? temporaryTag(name) : undefined;
    if (tag !== undefined && isAbandoned(tag)) await fs.rm(path.join(folder, name), { force: true });
  }
}

/** Makes a rename last through a power failure; where folders cannot be opened (Windows) there is nothing to do. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await fs.open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    if (!UNSYNCABLE.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    await handle.close();
  }
}
