/** Saves and loads checkpoints as files. */
import { writeFileAtomic } from '../support/atomic_file.js';
import { readRegularFile } from '../support/regular_file.js';
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from './checkpoint.js';
import type { Trainer } from './trainer.js';
import { checkPath } from '../support/check_path.js';

/**
 * Saves a run. The file is written under a temporary name and renamed, so that a process killed at any moment leaves the
 * last complete checkpoint.
 *
 * @param file path of the checkpoint
 * @param trainer run to save, between two steps
 * @param notes any value that JSON can represent, returned by `loadCheckpoint`
 */
export async function saveCheckpoint(file: string, trainer: Trainer, notes: unknown = null): Promise<void> {
  checkPath('save the checkpoint', 'file', file);
  await writeFileAtomic(file, [await encodeCheckpoint(trainer, notes)]);
}

/**
 * Reads a checkpoint.
 *
 * @param file path of the checkpoint
 * @returns the checkpoint, to be passed to `resume`
 * @throws RangeError if there is no such file; CorruptFileError if it is truncated, corrupt or not a checkpoint
 */
export async function loadCheckpoint(file: string): Promise<Checkpoint> {
  checkPath('read the checkpoint', 'file', file);
  return decodeCheckpoint(await readRegularFile('read the checkpoint', file), file);
}
