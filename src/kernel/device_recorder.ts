/**
 * Recording of what kernels ask of a graphics device. The kernels run once on placeholders of their inputs; afterwards the
 * same calls are made for other tensors without them.
 */
import type * as tf from '@tensorflow/tfjs';

/** Thrown while recording if a replay could not do the same. */
export class NotRepeatable extends Error {}

/** An input of the kernels. */
export interface DeviceInput {
  readonly tensor: tf.Tensor;
  /** True if it has the same values in every replay. */
  readonly isConstant: boolean;
}

/**
 * Runs the kernels.
 *
 * @param operands placeholders of the inputs
 * @param numbers numbers that change from replay to replay
 * @returns the outputs
 */
export type KernelRun = (operands: readonly tf.Tensor[], numbers: readonly number[]) => readonly tf.Tensor[];

/** Recorder of one backend. */
export interface DeviceRecorder {
  /** True unless the device is lost, or the backend measures its kernels one by one. */
  readonly isReady: () => boolean;
  /** Returns the inputs in a form that can be told from another without looking at their values; the caller tidies up. */
  readonly prepare: (inputs: readonly DeviceInput[]) => readonly DeviceInput[];
  /**
   * Records the calls of a run. The kernels compute nothing yet.
   *
   * @throws NotRepeatable if a kernel does what a replay cannot
   */
  readonly record: (inputs: readonly DeviceInput[], numbers: readonly number[], run: KernelRun) => DeviceCalls;
}

/** Recorded calls. */
export interface DeviceCalls {
  /** True if kernels would read the inputs from the device as they did those of the recording. */
  readonly fits: (inputs: readonly DeviceInput[]) => boolean;
  /** Makes the calls; returns the outputs, which belong to the caller. */
  readonly replay: (inputs: readonly DeviceInput[], numbers: readonly number[]) => tf.TensorInfo[];
  /** Takes the memory of data that is about to be disposed for the next result of an output, if nothing else uses it. */
  readonly recycle: (output: number, dataId: object) => void;
  /** Frees everything that it keeps. */
  readonly dispose: () => void;
}

/**
 * Numbers that stand for those that change while their places among the calls are looked up: integers that both int32 and
 * float32 hold, and that no kernel has by itself.
 */
export function probesOf(numbers: readonly number[]): number[] {
  return numbers.map((_, index) => 9_000_001 + 2 * index);
}
