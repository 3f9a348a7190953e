/** A prepared replay. */
import type * as tf from '@tensorflow/tfjs';

/** Runs the steps of a program on one backend. */
export interface Replay {
  /** Runs them for arguments of the recorded shapes and dtypes; returns what the function would. */
  run(args: readonly tf.Tensor[]): unknown;
  /** Frees everything that it keeps. */
  dispose(): void;
}

/** Calls the protected method by which an optimizer counts its steps. */
export function countStep(optimizer: tf.Optimizer): void {
  (optimizer as unknown as { incrementIterations(): void }).incrementIterations();
}
