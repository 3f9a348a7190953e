/**
 * Backup of the run that `--overwrite` replaces. Its files are replaced one by one, each atomically, so that the folder
 * holds a complete model at every moment. Until the new run finishes, the old one is kept complete in `replaced/⟨run⟩`.
 */
import { promises as fs } from 'node:fs';
import path from 'node:path';
import { fileError } from '../support/file_error.js';
import { makeFolder } from '../support/make_folder.js';
import { readRecord, RUN_FILES, type RunRecord } from './run_record.js';

const ACTION = 'back up the replaced run';

/** Folder of replaced runs, relative to the folder of a run. */
export const REPLACED_FOLDER = 'replaced';

/** Backs up the files of a run as hard links, which take no space; returns the folder of the backup. */
export async function backUpRun(folder: string, { run, files }: RunRecord): Promise<string> {
  const backup = path.join(folder, REPLACED_FOLDER, run);
  // The record goes last: a backup with a record is complete.
  for (const name of [...files, RUN_FILES.record]) {
    const [from, to] = [path.join(folder, name), path.join(backup, name)];
    try {
      await makeFolder(ACTION, path.dirname(to));
      await fs.rm(to, { force: true });
      await fs.link(from, to).catch((error: unknown) => copyInstead(error, from, to));
    } catch (error) {
      throw fileError(ACTION, to, error);
    }
  }
  return backup;
}

/** Copies the file if the file system has no hard links; does nothing if there is no such file. */
async function copyInstead(error: unknown, from: string, to: string): Promise<void> {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
  await fs.copyFile(from, to);
}

/** Removes all replaced runs from a folder: the files that their records list, then folders that are empty. */
export async function removeReplaced(folder: string): Promise<void> {
  const replaced = path.join(folder, REPLACED_FOLDER);
  const names = await fs.readdir(replaced).catch(() => []);
  for (const name of names) {
    const backup = path.join(replaced, name);
    const record = await readRecord(ACTION, backup).catch(() => undefined);
    if (record?.run !== name) continue;
    for (const file of [...record.files, RUN_FILES.record]) await fs.rm(path.join(backup, file), { force: true });
    for (const model of [RUN_FILES.model, RUN_FILES.start]) await removeIfEmpty(path.join(backup, model));
    await removeIfEmpty(backup);
  }
  await removeIfEmpty(replaced);
}

/** Removes a folder if it is empty. */
export async function removeIfEmpty(folder: string): Promise<void> {
  await fs.rmdir(folder).catch(() => undefined);
}
