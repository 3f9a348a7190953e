/**
 * Where the wasm kernels find their operands. They run on the heap of the host's wasm backend itself, without copies;
 * where that memory cannot be reached, and beside any other backend that keeps its values on the host, they run on a
 * memory of their own, and operands are copied in and results out.
 */
import type * as tf from '@tensorflow/tfjs';
import type { KernelExports } from './exports.js';

/** One kernel call's view of memory: everything that it takes is given back when the call ends. */
export interface HeapCall {
  readonly exports: KernelExports;
  /** Address of a tensor's values. */
  readonly input: (tensor: tf.TensorInfo) => number;
  /** Address of a new float32 tensor; the tensors of all outputs, in order, are the call's result. */
  readonly output: (shape: readonly number[]) => number;
  /** Address of uninitialised memory, a multiple of {@link ALIGNMENT}. */
  readonly scratch: (bytes: number) => number;
  /** Address of a copy of the integers. */
  readonly integers: (values: ArrayLike<number>) => number;
  /** The memory itself; valid until the next address is asked for, since memory that grows moves. */
  readonly floats: (address: number, length: number) => Float32Array;
}

export interface Heap {
  run(body: (call: HeapCall) => void): tf.TensorInfo[];
  /** Ends what the heap keeps running. */
  dispose(): void;
}
