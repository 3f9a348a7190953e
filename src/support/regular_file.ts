/**
 * Reads files from untrusted sources: only regular files (a FIFO would block forever, and `/dev/zero` never ends), and no
 * more bytes than expected.
 */
import { constants, promises as fs } from 'node:fs';
import { CorruptFileError, rangeError, type Action } from '../errors.js';

/** A regular file that is open for reading. */
export interface OpenFile {
  readonly handle: fs.FileHandle;
  /** Length in bytes. */
  readonly size: number;
}

/**
 * Opens a regular file while `use` runs.
 *
 * @param action action to name in errors: "Cannot ⟨action⟩: …"
 * @throws RangeError if there is no such file; CorruptFileError if it is a folder, a device or a pipe
 */
export async function openRegularFile<T>(
  action: Action,
  file: string,
  use: (open: OpenFile) => Promise<T>,
): Promise<T> {
  const handle = await open(action, file);
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new CorruptFileError(action, 'it must be a regular file', file);
    return await use({ handle, size: stat.size });
  } finally {
    await handle.close();
  }
}

/**
 * Reads the contents of a regular file.
 *
 * @param maxBytes largest length of the file; a longer one is refused before anything is read
 */
export async function readRegularFile(action: Action, file: string, maxBytes = Infinity): Promise<Buffer> {
  return openRegularFile(action, file, async ({ handle, size }) => {
    if (size > maxBytes) {
      throw new CorruptFileError(action, `it must have at most ${maxBytes} bytes, but has ${size}`, file);
    }
    return readBytes(handle, 0, size);
  });
}

/** Reads `length` bytes from `start`, or fewer if the file ends earlier. */
export async function readBytes(handle: fs.FileHandle, start: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let read = 0;
  while (read < length) {
    const { bytesRead } = await handle.read(bytes, read, length - read, start + read);
    if (bytesRead === 0) break;
    read += bytesRead;
  }
  return bytes.subarray(0, read);
}

async function open(action: Action, file: string): Promise<fs.FileHandle> {
  try {
    // Without O_NONBLOCK, opening a FIFO would wait for a writer; Windows has neither.
    return await fs.open(file, constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw rangeError(action, `there must be a readable file (${code ?? 'unknown error'})`, 'file', file);
  }
}
