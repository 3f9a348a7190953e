/**
 * Stores runs in the browser (IndexedDB), so that they survive a reload or the loss of the graphics device. Everything
 * that belongs together is written in one transaction.
 */
import { createStore, delMany, getMany, keys, setMany } from 'idb-keyval';
import type { EncodedModel, SplitDataset } from 'tfjs-convolutions/training';
import type { BackendName } from '../engine/backends.js';
import { takeLock } from '../shared/locks.js';
import { storageAnswers } from '../shared/storage_answers.js';
import type { Settings } from './protocol.js';

const store = createStore('tfjs-convolutions-runs', 'runs');

const answered = storageAnswers(10_000);

/** The constant part of a run. */
export interface SavedRun {
  readonly id: string;
  readonly title: string;
  /** The user's own images, or a reference to the built-in digits. */
  readonly data:
    { readonly kind: 'digits'; readonly limit: number } | { readonly kind: 'images'; readonly split: SplitDataset };
  readonly copies: number;
  readonly contradictions: number;
  /** Network before the first step. */
  readonly model: EncodedModel;
  readonly settings: Settings;
}

/** Summary of a stored run, shown before it is opened. */
export interface SavedSummary {
  readonly id: string;
  readonly title: string;
  readonly backend: BackendName;
  /** Finished epochs. */
  readonly epoch: number;
  readonly epochs: number;
  /** Time of the last change, in milliseconds since 1970. */
  readonly changed: number;
}

/** Latest state of a run. */
export interface SavedState {
  readonly summary: SavedSummary;
  readonly checkpoint: Uint8Array;
}

type Part = 'run' | 'summary' | 'checkpoint';

const keyOf = (part: Part, id: string): [Part, string] => [part, id];

/** Lock of a run: only one tab may go on with it. */
export function lockOf(id: string): string {
  return `tfjs-convolutions run ${id}`;
}

export async function saveRun(run: SavedRun, { summary, checkpoint }: SavedState): Promise<void> {
  await answered(
    setMany(
      [
        [keyOf('run', run.id), run],
        [keyOf('summary', run.id), summary],
        [keyOf('checkpoint', run.id), checkpoint],
      ],
      store,
    ),
  );
}

export async function saveState({ summary, checkpoint }: SavedState): Promise<void> {
  await answered(
    setMany(
      [
        [keyOf('summary', summary.id), summary],
        [keyOf('checkpoint', summary.id), checkpoint],
      ],
      store,
    ),
  );
}

/** Summarizes all stored runs, the latest first. */
export async function savedSummaries(): Promise<readonly SavedSummary[]> {
  const all = await answered(keys<[Part, string]>(store));
  const wanted = all.filter(([part]) => part === 'summary');
  const found = await answered(getMany<SavedSummary>(wanted, store));
  // Another tab may have deleted one in between.
  return found.filter((summary) => summary !== undefined).sort((a, b) => b.changed - a.changed);
}

export async function savedRun(
  id: string,
): Promise<{ readonly run: SavedRun; readonly checkpoint: Uint8Array } | undefined> {
  const [run, checkpoint] = (await answered(getMany([keyOf('run', id), keyOf('checkpoint', id)], store))) as [
    SavedRun | undefined,
    Uint8Array | undefined,
  ];
  return run && checkpoint && { run, checkpoint };
}

/**
 * Deletes a run.
 *
 * @returns false if another tab has it open: it is left alone
 */
export async function deleteRun(id: string): Promise<boolean> {
  const release = await takeLock(lockOf(id));
  if (!release) return false;
  try {
    const parts = ['run', 'summary', 'checkpoint'] as const;
    await answered(
      delMany(
        parts.map((part) => keyOf(part, id)),
        store,
      ),
    );
    return true;
  } finally {
    release();
  }
}
