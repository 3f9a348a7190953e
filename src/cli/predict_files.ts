/** Files of `predict`: those named, and those in the folders named, listed while earlier ones are worked on. */
import { promises as fs } from 'node:fs';
import path from 'node:path';
import { fileError } from '../support/file_error.js';
import { isNamedAsImage } from '../training/image_kind.js';
import { isSystemName } from '../training/image_tree.js';
import { printNote } from './exit_status.js';
import { count } from './format.js';

const ACTION = 'predict';

/** Number of files that were left out. */
export interface LeftOut {
  count: number;
}

/**
 * Lists files in order: those of a folder by name, its folders among them. In a folder, only files named as images count, and
 * what the system left there is passed over; a link to a folder is not followed.
 *
 * @param leftOut counts files of folders that are not named as images
 */
export async function* listFiles(places: readonly string[], leftOut: LeftOut): AsyncGenerator<string> {
  for (const place of places) {
    const stat = await fs.stat(place).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        throw new Error(`Cannot ${ACTION}: there must be such a file or folder, received file = '${place}'`);
      }
      throw fileError(ACTION, place, error);
    });
    if (stat.isDirectory()) yield* listFolder(place, leftOut);
    else yield place;
  }
}

async function* listFolder(folder: string, leftOut: LeftOut): AsyncGenerator<string> {
  const entries = await fs.readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw fileError(ACTION, folder, error);
  });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    if (isSystemName(entry.name)) continue;
    const place = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* listFolder(place, leftOut);
    else if (isNamedAsImage(entry.name)) yield place;
    else leftOut.count++;
  }
}

/** Says on stderr how many files were left out, if any. */
export function reportLeftOut({ count: others }: LeftOut): void {
  if (others > 0) printNote(`${count(others)} ${others === 1 ? 'file was' : 'files were'} not named as images`);
}

/** Groups items, in order. */
export async function* inBatches<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
