/** A prepared replay. */
import type * as tf from '@tensorflow/tfjs';

/** Runs the steps of a program on one backend. */
export interface Replay {
  /** Runs them for arguments of the recorded shapes and dtypes; returns what the function would. */
  run(args: readonly tf.Tensor[]): unknown;
  /** Frees everything that it keeps. */
  dispose(): void;
  /** Why it runs kernel by kernel where it could repeat the calls to the device. */
  readonly obstacle?: string | undefined;
}

/** Calls the protected method by which an optimizer counts its steps. */
export function countStep(optimizer: tf.Optimizer): void {
  (optimizer as unknown as { incrementIterations(): void }).incrementIterations();
}
