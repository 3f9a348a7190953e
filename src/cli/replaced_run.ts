/**
 * The run that `--overwrite` replaces. Its files are replaced one by one, each in one step, so that at every moment the
 * folder holds a whole model. Until the new run has finished, the old one is also kept whole in `replaced/⟨run⟩`.
 */
import { promises as fs } from 'node:fs';
import path from 'node:path';
import { fileError } from '../support/file_error.js';
import { readRecord, RUN_FILES, type RunRecord } from './run_record.js';

const ACTION = 'keep the run that is replaced';

/** Where replaced runs are kept, relative to the folder of a run. */
export const REPLACED_FOLDER = 'replaced';

/** Keeps the files of a run aside under second names, which take no space; returns their folder. */
export async function keepAside(folder: string, { run, files }: RunRecord): Promise<string> {
  const aside = path.join(folder, REPLACED_FOLDER, run);
  // The record last: with it, what is aside is whole.
  for (const name of [...files, RUN_FILES.record]) {
    const [from, to] = [path.join(folder, name), path.join(aside, name)];
    try {
      await fs.mkdir(path.dirname(to), { recursive: true });
      await fs.rm(to, { force: true });
      await fs.link(from, to).catch((error: unknown) => copyInstead(error, from, to));
    } catch (error) {
      throw fileError(ACTION, to, error);
    }
  }
  return aside;
}

/** A copy where the file system has no second names; nothing where there is no such file. */
async function copyInstead(error: unknown, from: string, to: string): Promise<void> {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
  await fs.copyFile(from, to);
}

/** Removes all replaced runs from a folder: the files that their records list, and folders that are empty then. */
export async function removeReplaced(folder: string): Promise<void> {
  const replaced = path.join(folder, REPLACED_FOLDER);
  const names = await fs.readdir(replaced).catch(() => []);
  for (const name of names) {
    const aside = path.join(replaced, name);
    const record = await readRecord(ACTION, aside).catch(() => undefined);
    if (record?.run !== name) continue;
    for (const file of [...record.files, RUN_FILES.record]) await fs.rm(path.join(aside, file), { force: true });
    await removeIfEmpty(path.join(aside, RUN_FILES.model));
    await removeIfEmpty(aside);
  }
  await removeIfEmpty(replaced);
}

/** Removes a folder, unless it holds something. */
export async function removeIfEmpty(folder: string): Promise<void> {
  await fs.rmdir(folder).catch(() => undefined);
}
