/** Messages between the page and its training worker. Free of TensorFlow.js code, so that both sides can import it. */
import type { EncodedModel, EpochRecord, Preprocessing } from 'tfjs-convolutions/training';
import type { BackendName } from '../engine/backends.js';
import type { NetworkName } from './network_list.js';
import type { TrunkChoice } from './trunks.js';

/** One of the user's own images, downscaled. */
export interface OwnImage {
  readonly id: string;
  /** File name. */
  readonly name: string;
  /** A PNG whose shorter side has at most 192 pixels. */
  readonly picture: Blob;
}

/** One class of the user's own images. */
export interface ImageClass {
  readonly id: string;
  readonly name: string;
  readonly images: readonly OwnImage[];
}

/** Height and width of images that show augmentation, in pixels. */
export const AUGMENTED_SIDE = 64;

/** An image and changed copies of it: AUGMENTED_SIDE² pixels of three bytes each, the original first. */
export type AugmentedImage = readonly Uint8Array[];

/** Training data. */
export type DataChoice =
  | { readonly kind: 'digits'; readonly limit: number }
  | { readonly kind: 'images'; readonly classes: readonly ImageClass[]; readonly size: number };

/** A network from the list with random weights, a pretrained one, or an imported one. */
export type NetworkChoice =
  | { readonly kind: 'named'; readonly name: NetworkName }
  | { readonly kind: 'pretrained'; readonly name: TrunkChoice }
  | { readonly kind: 'imported'; readonly model: EncodedModel };

/** Hyperparameters of a run. */
export interface Settings {
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly seed: number;
  readonly augmentation: boolean;
}

/** Everything that determines a run. */
export interface Plan {
  readonly data: DataChoice;
  readonly network: NetworkChoice;
  readonly settings: Settings;
  readonly backend: BackendName;
}

/** Cost of a network for one image. */
export interface NetworkCost {
  readonly params: number;
  readonly macs: number;
}

/** Information about a loaded network. */
export interface NetworkFacts extends NetworkCost {
  /** Height, width and channels of its input. */
  readonly inputShape: readonly [number, number, number];
  readonly classNames: readonly string[];
  readonly preprocessing: Preprocessing;
  /** True if the network does not say which pixel values it takes, and −1 to 1 is assumed. */
  readonly isAssumed: boolean;
  /** True if layers besides normalizations are frozen, so that they do not learn. */
  readonly isFrozen: boolean;
  /** True if an imported network gave scores, of which a softmax makes probabilities here. */
  readonly addsSoftmax?: boolean;
}

/** Numbers of images of a run. */
export interface ImageCounts {
  readonly train: number;
  readonly test: number;
  /** Training images of each class. */
  readonly perClass: readonly number[];
  /** Images that were left out because another one of their class has the same pixels. */
  readonly copies: number;
  /** Images whose pixels are those of an image of another class. */
  readonly contradictions: number;
}

/** A test image that the network takes for something else. */
export interface WrongImage {
  /** Four bytes a pixel, height × width. */
  readonly colours: Uint8ClampedArray<ArrayBuffer>;
  readonly height: number;
  readonly width: number;
  readonly truth: string;
  readonly guess: string;
  /** Probability of the guess. */
  readonly probability: number;
}

/** Answers to all test images. */
export interface Examination {
  /** Number of test images of each class (row) that are taken for each class (column). */
  readonly matrix: readonly (readonly number[])[];
  /** The surest mistakes, at most a dozen. */
  readonly wrong: readonly WrongImage[];
}

/** Metrics of one epoch, with a tensor count to check for leaks. */
export interface EpochRow extends EpochRecord {
  /** Number of tensors in the backend after the epoch; a constant number shows that nothing leaks. */
  readonly tensors: number;
}

/** Rows of the epochs before another one, which is trained again after a lost graphics device. */
export function epochsBefore(rows: readonly EpochRow[], { epoch }: EpochRow): EpochRow[] {
  return rows.filter((row) => row.epoch < epoch);
}

/** Progress of a run. */
export interface Progress {
  readonly epoch: number;
  readonly epochs: number;
  /** Finished fraction of the whole run, from 0 to 1. */
  readonly fraction: number;
  /** Averages over the current epoch so far. */
  readonly loss: number;
  readonly accuracy: number;
  readonly imagesPerSecond: number;
  /** Estimated seconds until the end. */
  readonly secondsLeft: number;
}

/** Messages of a run while it is running. */
export type RunEvent =
  | {
      readonly kind: 'opened';
      readonly id: string;
      readonly facts: NetworkFacts;
      readonly images: ImageCounts;
      readonly rows: readonly EpochRow[];
      readonly title: string;
    }
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'epoch'; readonly row: EpochRow }
  | { readonly kind: 'curves'; readonly svg: string }
  | { readonly kind: 'unsaved'; readonly reason: string }
  /** The graphics device was lost; the run goes on elsewhere. */
  | { readonly kind: 'moved'; readonly from: BackendName; readonly to: BackendName };

/** Way in which a run ended: finished, or stopped by the user between two steps. */
export type RunEnd = 'finished' | 'paused';

/** Appearance of the curves. */
export interface CurveStyle {
  readonly theme: 'light' | 'dark';
  readonly stacked: boolean;
}
