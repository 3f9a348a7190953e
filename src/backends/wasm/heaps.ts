/** Heaps by backend. */
import type * as tf from '@tensorflow/tfjs';
import { CopyingHeap } from './copying_heap.js';
import type { Heap } from './heap.js';
import { hostHeap } from './host_heap.js';

const heaps = new WeakMap<tf.KernelBackend, Heap>();

/** Returns the heap of a backend, which is created on first use. */
export function heapOf(backend: tf.KernelBackend): Heap {
  let heap = heaps.get(backend);
  if (heap === undefined) {
    heap = hostHeap(backend) ?? new CopyingHeap(backend);
    heaps.set(backend, heap);
  }
  return heap;
}

/** Makes a backend's kernels run on another heap, or on the default one again. */
export function useHeap(backend: tf.KernelBackend, heap: Heap | undefined): void {
  if (heap === undefined) heaps.delete(backend);
  else heaps.set(backend, heap);
}

/**
 * Disposes the heap of a backend that is being disposed. The TensorFlow.js type of the argument is wider than what is
 * passed.
 */
export function disposeHeap(backend: object): void {
  const key = backend as tf.KernelBackend;
  heaps.get(key)?.dispose();
  heaps.delete(key);
}
