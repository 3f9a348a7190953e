/** Writes files atomically: whenever the process or the machine stops, either the old file or the new one is complete. */
import { promises as fs } from 'node:fs';
import path from 'node:path';
import { fileError } from './file_error.js';
import { isAbandoned, isTag, newTag } from './process_tag.js';

const ACTION = 'write the file';
const SUFFIX = '.tmp';

/** Error codes of file systems that cannot sync a folder: either renames are durable anyway, or nothing can be done. */
const UNSYNCABLE = new Set(['EINVAL', 'ENOTSUP', 'EISDIR', 'EPERM', 'EACCES']);

/**
 * Writes a file under a unique temporary name, flushes it to the disk and renames it. Of several writers, in one process or
 * in many, the last one wins; readers always see a complete file.
 *
 * @param file path of the file; its folder must exist
 * @param contents text, or parts of the bytes, which may be made while they are written
 * @throws FileAccessError if the file system refuses, for example because the disk is full or the folder is gone; no
 * temporary file is left behind
 */
export async function writeFileAtomic(
  file: string,
  contents: string | readonly Uint8Array[] | AsyncIterable<Uint8Array>,
): Promise<void> {
  const temporary = temporaryName(file);
  try {
    await removeAbandoned(file);
    const handle = await fs.open(temporary, 'wx');
    try {
      for await (const part of typeof contents === 'string' ? [contents] : contents) await handle.writeFile(part);
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

/** A new name under which to write a file before it is renamed. */
export function temporaryName(file: string): string {
  return `${file}.${newTag()}${SUFFIX}`;
}

/** Tests for the name of a temporary file created by this module. */
export function isTemporary(name: string): boolean {
  return temporaryTag(name) !== undefined;
}

/** Extracts the tag from the name of a temporary file; undefined for other names. */
function temporaryTag(name: string): string | undefined {
  const tag = name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length).split('.').at(-1)! : '';
  return isTag(tag) ? tag : undefined;
}

/** Removes temporary files that killed processes left while writing the same file, whose folder need not exist. */
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

/** Makes a rename survive a power failure; does nothing on Windows, where folders cannot be opened. */
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
