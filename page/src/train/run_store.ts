/**
 * A run as the browser keeps it (IndexedDB), so that a reload or a lost graphics device ends nothing. What is written
 * together is one transaction: all of it is there afterwards, or none.
 */
import { createStore, delMany, get, getMany, setMany } from 'idb-keyval';
import type { EncodedModel, SplitDataset } from 'tfjs-convolutions/training';
import type { BackendName } from '../engine/backends.js';
import type { Settings } from './protocol.js';

const store = createStore('tfjs-convolutions-train', 'run');

/** What a run is made of; does not change while it goes on. */
export interface KeptRun {
  readonly id: string;
  readonly title: string;
  /** The digits are on the server; own images are kept. */
  readonly data:
    { readonly kind: 'digits'; readonly limit: number } | { readonly kind: 'images'; readonly split: SplitDataset };
  /** The network as it was before the first step. */
  readonly model: EncodedModel;
  readonly settings: Settings;
}

/** What the page shows of a kept run before it is opened. */
export interface KeptSummary {
  readonly id: string;
  readonly title: string;
  readonly backend: BackendName;
  /** Finished epochs. */
  readonly epoch: number;
  readonly epochs: number;
}

/** Where a run stood last. */
export interface KeptState {
  readonly summary: KeptSummary;
  readonly checkpoint: Uint8Array;
}

const KEYS = { run: 'run', summary: 'summary', checkpoint: 'checkpoint' } as const;

export async function keepRun(run: KeptRun, { summary, checkpoint }: KeptState): Promise<void> {
  await setMany(
    [
      [KEYS.run, run],
      [KEYS.summary, summary],
      [KEYS.checkpoint, checkpoint],
    ],
    store,
  );
}

export async function keepState({ summary, checkpoint }: KeptState): Promise<void> {
  await setMany(
    [
      [KEYS.summary, summary],
      [KEYS.checkpoint, checkpoint],
    ],
    store,
  );
}

/** The kept run in words, or undefined where there is none. */
export async function keptSummary(): Promise<KeptSummary | undefined> {
  return get<KeptSummary>(KEYS.summary, store);
}

export async function keptRun(): Promise<{ readonly run: KeptRun; readonly checkpoint: Uint8Array } | undefined> {
  const [run, checkpoint] = (await getMany([KEYS.run, KEYS.checkpoint], store)) as [
    KeptRun | undefined,
    Uint8Array | undefined,
  ];
  return run && checkpoint && { run, checkpoint };
}

export async function forgetRun(): Promise<void> {
  await delMany(Object.values(KEYS), store);
}
