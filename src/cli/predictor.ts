/** A model that `predict` runs, whatever runs it. */
import type { Preprocessing } from '../training/preprocessing.js';

/** Scores of a batch. */
export interface Scores {
  /** [images, classes], flat. */
  readonly values: Float32Array;
  readonly classes: number;
}

/** A model that gives scores of classes. */
export interface Predictor {
  /** Engine that runs it, for people: `'wasm (SIMD, 2 threads)'`. */
  readonly engine: string;
  readonly input: Preprocessing;
  /** False if the scaling of the images is a guess. */
  readonly isRecorded: boolean;
  /** Names of the classes, if the model records them. */
  readonly classNames: readonly string[] | undefined;
  /** True if each class has a probability of its own, since images may have several labels. */
  readonly isMultiLabel: boolean;
  /** Number of batches that it works on at the same time. */
  readonly parallel: number;
  /**
   * Scores images.
   *
   * @param pixels [count, height, width, channels], scaled
   */
  run(pixels: Float32Array<ArrayBuffer>, count: number): Promise<Scores>;
  close(): Promise<void>;
}
