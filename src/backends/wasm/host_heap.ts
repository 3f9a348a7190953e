/** Heap in the memory of the TensorFlow.js wasm backend. */
import type * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { align, ALIGNMENT } from './alignment.js';
import { allocate, allocateTensor, floatBytes, memoryOf, outOfMemory, type HostModule } from './allocation.js';
import type { KernelExports } from './exports.js';
import type { Heap, HeapCall } from './heap.js';
import { instantiate } from './loader.js';
import { isShared } from './memory.js';
import { startupOf } from './startup.js';
import { Threads } from './threads/threads.js';

/** Returns a heap in the memory of the backend's module, if that is accessible. */
export function hostHeap(backend: tf.KernelBackend, threads?: number): HostHeap | undefined {
  if (!('wasm' in backend)) return undefined;
  const host = backend.wasm as HostModule;
  const memory = memoryOf(host);
  return memory === undefined
    ? undefined
    : new HostHeap(backend as BackendWasm, memory, threads ?? startupOf()?.threads ?? threadCount(host));
}

/** Heap inside the memory of the TensorFlow.js wasm backend: operands are used in place. */
export class HostHeap implements Heap {
  /** Threads; only one if the module's memory is not shared. */
  readonly threads: Threads;
  /** Kernels on the calling thread. */
  readonly alone: KernelExports;
  private readonly kernels: KernelExports;
  private readonly host: HostModule;
  /** Blocks to free when the current call ends. */
  private blocks: number[] = [];

  constructor(
    private readonly backend: BackendWasm,
    readonly memory: WebAssembly.Memory,
    threads: number,
  ) {
    this.host = backend.wasm;
    this.alone = instantiate(memory);
    this.threads = new Threads(memory, this.alone, isShared(memory) ? threads : 1);
    this.kernels = this.threads.kernels((bytes) => this.scratch(bytes));
  }

  run(body: (call: HeapCall) => void): tf.TensorInfo[] {
    const { backend, host, memory } = this;
    const outputs: tf.TensorInfo[] = [];
    const outer = this.blocks;
    this.blocks = [];
    const scratch = (bytes: number): number => this.scratch(bytes);
    const take = (bytes: number): number => allocateTensor(host._malloc, host._free, bytes, memory);
    try {
      body({
        exports: this.kernels,
        input: ({ dataId, shape }) => {
          // TensorFlow.js moves a tensor from another backend here without checking for memory.
          if (backend.refCount(dataId) === 0) host._free(take(floatBytes(shape)));
          const { memoryOffset } = backend.dataIdMap.get(dataId);
          // TensorFlow.js ran out of memory when it created the tensor, and carried on.
          if (memoryOffset === 0) throw outOfMemory(floatBytes(shape), memory.buffer.byteLength);
          return memoryOffset;
        },
        output: (shape) => {
          const address = take(floatBytes(shape));
          outputs.push(backend.makeOutput([...shape], 'float32', address));
          return address;
        },
        scratch,
        integers: (values) => {
          const address = scratch(values.length * 4);
          new Int32Array(memory.buffer, address, values.length).set(values);
          return address;
        },
        floats: (address, length) => new Float32Array(memory.buffer, address, length),
      });
    } catch (error) {
      for (const { dataId } of outputs) backend.disposeData(dataId);
      throw error;
    } finally {
      for (const block of this.blocks) host._free(block);
      this.blocks = outer;
    }
    return outputs;
  }

  dispose(): void {
    this.threads.dispose();
  }

  private scratch(bytes: number): number {
    const block = allocate(this.host._malloc, bytes + ALIGNMENT, this.memory);
    this.blocks.push(block);
    return align(block);
  }
}

/**
 * Number of threads without useThreads(): those that TensorFlow.js uses, half of the logical cores, or the value given to
 * `setThreadsCount`. With fewer than four cores it always uses one, but here a second one still helps.
 */
function threadCount({ tfjs }: HostModule): number {
  const cores = typeof navigator === 'undefined' ? 1 : navigator.hardwareConcurrency;
  return Math.max(tfjs?.getThreadsCount?.() ?? 1, cores < 4 ? Math.min(cores, 2) : 1);
}
