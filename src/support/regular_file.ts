/**
 * Reads files that strangers may have named or made: nothing but regular files (a FIFO would wait for ever, `/dev/zero`
 * has no end), and no more bytes than expected.
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
 * Opens a regular file for as long as `use` runs.
 *
 * @param action who asks, for errors
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
 * The contents of a regular file.
 *
 * @param maxBytes most bytes that it may have; a longer one is refused before anything of it is read
 */
export async function readRegularFile(action: Action, file: string, maxBytes = Infinity): Promise<Buffer> {
  return openRegularFile(action, file, async ({ handle, size }) => {
    if (size > maxBytes) {
      throw new CorruptFileError(action, `it must have at most ${maxBytes} bytes and has ${size}`, file);
    }
    return readBytes(handle, 0, size);
  });
}

/** At most `length` bytes from `start` on; fewer where the file ends before. */
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
    // Without O_NONBLOCK the opening of a FIFO waits for a writer; Windows has neither.
    return await fs.open(file, constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw rangeError(action, `there must be a readable file (${code ?? 'unknown error'})`, 'file', file);
  }
}
