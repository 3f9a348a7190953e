/** Files that are either the old ones or the new ones, whenever the process or the machine stops. */
import { promises as fs } from 'node:fs';
import path from 'node:path';

/**
 * Writes a file under a temporary name, waits until it is on the disk, and renames it.
 *
 * @param file path of the file; its folder must exist
 * @param contents text, or bytes in parts
 */
export async function writeFileAtomic(file: string, contents: string | readonly Uint8Array[]): Promise<void> {
  // One fixed name: what a killed process left behind is overwritten by the next one.
  const temporary = `${file}.tmp`;
  const handle = await fs.open(temporary, 'w');
  try {
    for (const part of typeof contents === 'string' ? [contents] : contents) await handle.writeFile(part);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await fs.rename(temporary, file);
  await syncFolder(path.dirname(file));
}

/** Makes a rename last through a power failure; where folders cannot be opened (Windows) there is nothing to do. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await fs.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
