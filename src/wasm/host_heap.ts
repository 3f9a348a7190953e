/** Kernels on the memory of the host's own wasm backend. */
import type * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { align, ALIGNMENT } from './alignment.js';
import type { KernelExports } from './exports.js';
import type { Heap, HeapCall } from './heap.js';
import { instantiate } from './loader.js';
import { isShared } from './memory.js';
import { Threads } from './threads/threads.js';

/** Internals of the host's Emscripten module that its types leave out. */
interface HostModule {
  readonly _malloc: (bytes: number) => number;
  readonly _free: (address: number) => void;
  readonly wasmMemory?: WebAssembly.Memory;
  readonly asm?: { readonly memory?: WebAssembly.Memory };
  readonly tfjs?: { readonly getThreadsCount?: () => number };
}

/** A heap on the memory of the host's own module, if it has one that can be reached. */
export function hostHeap(backend: tf.KernelBackend, threads?: number): HostHeap | undefined {
  if (!('wasm' in backend)) return undefined;
  const host = backend.wasm as HostModule;
  const memory = host.wasmMemory ?? host.asm?.memory;
  return memory === undefined ? undefined : new HostHeap(backend as BackendWasm, memory, threads ?? threadCount(host));
}

export class HostHeap implements Heap {
  /** Where the host's memory is shared. */
  readonly threads: Threads | undefined;
  private readonly exports: KernelExports;
  private readonly host: HostModule;

  constructor(
    private readonly backend: BackendWasm,
    private readonly memory: WebAssembly.Memory,
    threads: number,
  ) {
    this.exports = instantiate(memory);
    this.host = backend.wasm;
    if (isShared(memory)) this.threads = new Threads(memory, this.exports, threads);
  }

  run(body: (call: HeapCall) => void): tf.TensorInfo[] {
    const { backend, host, memory } = this;
    const outputs: tf.TensorInfo[] = [];
    const blocks: number[] = [];
    const addressOf = (tensor: tf.TensorInfo): number => backend.dataIdMap.get(tensor.dataId).memoryOffset;
    const scratch = (bytes: number): number => {
      const block = host._malloc(bytes + ALIGNMENT) >>> 0; // above 2 GiB it returns a negative number
      if (block === 0) throw new RangeError(`Cannot run a wasm kernel: memory must suffice, received bytes = ${bytes}`);
      blocks.push(block);
      return align(block);
    };
    try {
      body({
        exports: this.threads?.kernels(scratch) ?? this.exports,
        input: addressOf,
        output: (shape) => {
          const tensor = backend.makeOutput([...shape], 'float32');
          outputs.push(tensor);
          return addressOf(tensor);
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
      for (const block of blocks) host._free(block);
    }
    return outputs;
  }

  dispose(): void {
    this.threads?.dispose();
  }
}

/**
 * As many threads as the host takes: half of the logical cores, or what `setThreadsCount` says. On less than four cores
 * that is one whatever was said, and a second one still helps.
 */
function threadCount({ tfjs }: HostModule): number {
  const cores = typeof navigator === 'undefined' ? 1 : navigator.hardwareConcurrency;
  return Math.max(tfjs?.getThreadsCount?.() ?? 1, cores < 4 ? Math.min(cores, 2) : 1);
}
