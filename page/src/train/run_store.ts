/**
 * Stores a run in the browser (IndexedDB), so that it survives a reload or the loss of the graphics device. Everything
 * that belongs together is written in one transaction.
 */
import { createStore, delMany, get, getMany, setMany } from 'idb-keyval';
import type { EncodedModel, SplitDataset } from 'tfjs-convolutions/training';
import type { BackendName } from '../engine/backends.js';
import type { Settings } from './protocol.js';

const store = createStore('tfjs-convolutions-train', 'run');

/** The constant part of a run. */
export interface SavedRun {
  readonly id: string;
  readonly title: string;
  /** The user's own images, or a reference to the built-in digits. */
  readonly data:
    { readonly kind: 'digits'; readonly limit: number } | { readonly kind: 'images'; readonly split: SplitDataset };
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
}

/** Latest state of a run. */
export interface SavedState {
  readonly summary: SavedSummary;
  readonly checkpoint: Uint8Array;
}

const KEYS = { run: 'run', summary: 'summary', checkpoint: 'checkpoint' } as const;

export async function saveRun(run: SavedRun, { summary, checkpoint }: SavedState): Promise<void> {
  await setMany(
    [
      [KEYS.run, run],
      [KEYS.summary, summary],
      [KEYS.checkpoint, checkpoint],
    ],
    store,
  );
}

export async function saveState({ summary, checkpoint }: SavedState): Promise<void> {
  await setMany(
    [
      [KEYS.summary, summary],
      [KEYS.checkpoint, checkpoint],
    ],
    store,
  );
}

/** Summarizes the stored run; undefined if there is none. */
export async function savedSummary(): Promise<SavedSummary | undefined> {
  return get<SavedSummary>(KEYS.summary, store);
}

export async function savedRun(): Promise<{ readonly run: SavedRun; readonly checkpoint: Uint8Array } | undefined> {
  const [run, checkpoint] = (await getMany([KEYS.run, KEYS.checkpoint], store)) as [
    SavedRun | undefined,
    Uint8Array | undefined,
  ];
  return run && checkpoint && { run, checkpoint };
}

export async function forgetRun(): Promise<void> {
  await delMany(Object.values(KEYS), store);
}
