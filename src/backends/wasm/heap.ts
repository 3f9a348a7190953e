/**
 * Memory in which the wasm kernels find their operands. They run directly on the heap of the TensorFlow.js wasm
 * backend, without copies; if that memory is not accessible, or for another backend that keeps its values on the CPU,
 * they run on separate memory, and operands are copied in and results out.
 */
import type * as tf from '@tensorflow/tfjs';
import type { KernelExports } from './exports.js';

/** Computes numbers from the attributes of a kernel. */
export type Parameters = (attributes: object) => ArrayLike<number>;

/** Preparation of an operand by a kernel, such as the packing of a filter. */
export interface Derivation {
  /** Returns its size in bytes; 0 if there is nothing to prepare. */
  readonly measure: () => number;
  /** Writes it to an address. */
  readonly write: (address: number) => void;
}

/** View of the memory for one kernel call: everything allocated through it is freed when the call ends. */
export interface HeapCall {
  readonly exports: KernelExports;
  /** Returns the address of a tensor's values. */
  readonly input: (tensor: tf.TensorInfo) => number;
  /** Allocates a float32 tensor and returns its address; the outputs, in order, are the result of the call. */
  readonly output: (shape: readonly number[]) => number;
  /** Allocates uninitialised memory and returns its address, a multiple of {@link ALIGNMENT}. */
  readonly scratch: (bytes: number) => number;
  /** Copies integers to the heap and returns their address. */
  readonly integers: (values: ArrayLike<number>) => number;
  /**
   * Allocates float32 numbers that depend on the attributes, which a replay computes again, and returns their address.
   * @default copies those of the attributes of the call
   */
  readonly parameters?: (count: number, compute: Parameters) => number;
  /**
   * Returns the address of what is derived from a tensor, which is written again only when the tensor changes; 0 if it is
   * to be derived in each call.
   * @default always 0
   */
  readonly derived?: (tensor: tf.TensorInfo, derivation: Derivation) => number;
  /** View of the memory; valid until the next allocation, since growing the memory detaches views. */
  readonly floats: (address: number, length: number) => Float32Array;
}

/** Memory on which wasm kernels run: that of TensorFlow.js, or one that operands are copied to. */
export interface Heap {
  run(body: (call: HeapCall) => void): tf.TensorInfo[];
  /** Terminates the heap's workers. */
  dispose(): void;
}
