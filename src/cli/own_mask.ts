/** Masks that `predict` wrote, which it may replace; any other file in its folder it keeps. */
import { promises as fs } from 'node:fs';

/** Text in a PNG file by which it is known. */
export const MASK_TEXT = { Software: 'tfjs-convolutions' } as const;
/** Most bytes of the end of a file that can hold the text. */
const END = 64;

/** Tests whether a mask may be written to a file: there is none yet, or `predict` wrote it. */
export async function mayHoldMask(file: string): Promise<boolean> {
  let handle: fs.FileHandle;
  try {
    handle = await fs.open(file);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(END), 0, END, Math.max(0, size - END));
    return buffer.toString('latin1', 0, bytesRead).includes(`tEXtSoftware\0${MASK_TEXT.Software}`);
  } finally {
    await handle.close();
  }
}
