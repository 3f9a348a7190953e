/** What the page and its training worker tell each other. No code of TensorFlow.js, so that both sides may import it. */
import type { EncodedModel, EpochRecord } from 'tfjs-convolutions/training';
import type { BackendName } from '../engine/backends.js';
import type { NetworkName } from './network_list.js';

/** One picture of a person's own, already shrunk. */
export interface Shot {
  readonly id: string;
  /** Name of its file. */
  readonly name: string;
  /** A PNG of at most 192 × 192 pixels. */
  readonly picture: Blob;
}

/** One class of a person's own images. */
export interface ShotClass {
  readonly id: string;
  readonly name: string;
  readonly shots: readonly Shot[];
}

/** What to train on. */
export type DataChoice =
  | { readonly kind: 'digits'; readonly limit: number }
  | { readonly kind: 'images'; readonly classes: readonly ShotClass[]; readonly size: number };

/** A network of the list, or one that came as files. */
export type NetworkChoice =
  { readonly kind: 'named'; readonly name: NetworkName } | { readonly kind: 'imported'; readonly model: EncodedModel };

/** Pace and length of a run. */
export interface Settings {
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly seed: number;
  readonly augmentation: boolean;
}

/** Everything that decides a run. */
export interface Plan {
  readonly data: DataChoice;
  readonly network: NetworkChoice;
  readonly settings: Settings;
  readonly backend: BackendName;
}

/** What a network costs for one image. */
export interface NetworkCost {
  readonly params: number;
  readonly macs: number;
}

/** What is known of a network once it is there. */
export interface NetworkFacts extends NetworkCost {
  /** Height, width and channels of its images. */
  readonly inputShape: readonly [number, number, number];
  readonly classNames: readonly string[];
}

/** One epoch, with what a person may want to check. */
export interface EpochRow extends EpochRecord {
  /** Tensors that the backend holds after it; a number that stays says that nothing leaks. */
  readonly tensors: number;
}

/** Where a run stands, for its reader. */
export interface Progress {
  readonly epoch: number;
  readonly epochs: number;
  /** Share of the whole run, 0 to 1. */
  readonly share: number;
  /** Means over the current epoch so far. */
  readonly loss: number;
  readonly accuracy: number;
  readonly imagesPerSecond: number;
  /** Seconds until the end, as far as can be told. */
  readonly secondsLeft: number;
}

/** What a run tells while it goes on. */
export type RunEvent =
  | {
      readonly kind: 'opened';
      readonly facts: NetworkFacts;
      readonly rows: readonly EpochRow[];
      readonly title: string;
    }
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'epoch'; readonly row: EpochRow }
  | { readonly kind: 'curves'; readonly svg: string }
  | { readonly kind: 'unsaved'; readonly reason: string };

/** How a run stopped: at its end, or between two steps because somebody asked for it. */
export type RunEnd = 'finished' | 'paused';

/** How curves are drawn. */
export interface CurveLook {
  readonly theme: 'light' | 'dark';
  readonly stacked: boolean;
}
