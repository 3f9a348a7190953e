/**
 * Where the wasm kernels find their operands. They run on the heap of the host's wasm backend itself, without copies;
 * where that memory cannot be reached, and beside any other backend that keeps its values on the host, they run on a
 * memory of their own, and operands are copied in and results out.
 */
import type * as tf from '@tensorflow/tfjs';
import { CopyingHeap } from './copying_heap.js';
import type { KernelExports } from './exports.js';
import { hostHeap } from './host_heap.js';

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

const heaps = new WeakMap<tf.KernelBackend, Heap>();

/** The heap that kernels of this backend run on; made on first use. */
export function heapOf(backend: tf.KernelBackend): Heap {
  let heap = heaps.get(backend);
  if (heap === undefined) {
    heap = hostHeap(backend) ?? new CopyingHeap(backend);
    heaps.set(backend, heap);
  }
  return heap;
}

/** Makes this backend's kernels run on another heap, or on the default one again. */
export function useHeap(backend: tf.KernelBackend, heap: Heap | undefined): void {
  if (heap === undefined) heaps.delete(backend);
  else heaps.set(backend, heap);
}

/** Ends the heap of a backend that goes. The host's types say less of its argument than they know. */
export function disposeHeap(backend: object): void {
  const key = backend as tf.KernelBackend;
  heaps.get(key)?.dispose();
  heaps.delete(key);
}
