/** Heap with separate memory, for any backend whose values can be read synchronously. */
import * as tf from '@tensorflow/tfjs';
import { align, ALIGNMENT } from './alignment.js';
import { ADDRESSABLE, floatBytes, outOfMemory } from './allocation.js';
import type { KernelExports } from './exports.js';
import type { Heap, HeapCall } from './heap.js';
import { instantiate, type Variant } from './loader.js';
import { Threads } from './threads/threads.js';

const PAGE = 65536;

/** Binary and threads of a heap; every default is the best choice for this machine. */
export interface CopyingHeapOptions {
  /** Binary to run. @default the best that the engine supports */
  readonly variant?: Variant;
  /** Number of threads, on shared memory. @default 1 */
  readonly threads?: number;
  /** Number of multiplications from which a call is divided among threads. @default the number from which it pays */
  readonly least?: number;
}

/** Heap that copies inputs into a memory of its own, and results out of it. */
export class CopyingHeap implements Heap {
  readonly threads: Threads;
  private readonly memory: WebAssembly.Memory;
  private readonly kernels: KernelExports;
  /** First free byte. Address 0 means "absent". */
  private top = ALIGNMENT;

  constructor(
    private readonly backend: tf.KernelBackend,
    { variant, threads = 1, least }: CopyingHeapOptions = {},
  ) {
    this.memory = new WebAssembly.Memory({ initial: 16, maximum: 65536, shared: threads > 1 });
    this.threads = new Threads(this.memory, instantiate(this.memory, variant), threads, { variant, least });
    this.kernels = this.threads.kernels((bytes) => this.allocate(bytes));
  }

  run(body: (call: HeapCall) => void): tf.TensorInfo[] {
    const { backend, memory, top } = this;
    const outputs: { readonly shape: readonly number[]; readonly address: number }[] = [];
    const results: tf.TensorInfo[] = [];
    const floats = (address: number, length: number): Float32Array => new Float32Array(memory.buffer, address, length);
    const scratch = (bytes: number): number => this.allocate(bytes);
    try {
      body({
        exports: this.kernels,
        input: (tensor) => {
          const { buffer, byteOffset, byteLength } = readValues(backend, tensor);
          const address = this.allocate(byteLength);
          new Uint8Array(memory.buffer, address, byteLength).set(new Uint8Array(buffer, byteOffset, byteLength));
          return address;
        },
        output: (shape) => {
          const address = this.allocate(floatBytes(shape));
          outputs.push({ shape, address });
          return address;
        },
        scratch,
        integers: (values) => {
          const address = this.allocate(values.length * 4);
          new Int32Array(memory.buffer, address, values.length).set(values);
          return address;
        },
        floats,
      });
      for (const { shape, address } of outputs) {
        // Copies to unshared memory, since users may receive the backend's arrays.
        const values = new Float32Array(floats(address, floatBytes(shape) / 4));
        results.push({ dataId: backend.write(values, [...shape], 'float32'), shape: [...shape], dtype: 'float32' });
      }
      return results;
    } catch (error) {
      for (const { dataId } of results) backend.disposeData(dataId);
      throw error;
    } finally {
      this.top = top;
    }
  }

  dispose(): void {
    this.threads.dispose();
  }

  private allocate(bytes: number): number {
    const { memory, top: address } = this;
    const end = align(address + bytes);
    const missing = end - memory.buffer.byteLength;
    if (missing > 0) grow(memory, missing, bytes);
    this.top = end;
    return address;
  }
}

function grow(memory: WebAssembly.Memory, missing: number, bytes: number): void {
  const reserved = memory.buffer.byteLength;
  if (reserved + missing > ADDRESSABLE) throw outOfMemory(bytes, reserved);
  try {
    memory.grow(Math.ceil(missing / PAGE));
  } catch {
    throw outOfMemory(bytes, reserved);
  }
}

/**
 * Reads the values of a tensor. A tensor on another backend is moved here first, as TensorFlow.js does for its own
 * kernels.
 */
function readValues(backend: tf.KernelBackend, { dataId }: tf.TensorInfo): tf.TypedArray {
  if (backend.refCount(dataId) === 0) tf.engine().moveData(backend, dataId);
  return backend.readSync(dataId) as tf.TypedArray;
}
