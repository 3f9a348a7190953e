/**
 * Where the wasm kernels find their operands. They run on the heap of the host's wasm backend itself, without copies;
 * where that memory cannot be reached (or is shared between threads, which this binary does not import) they run on a
 * memory of their own, and operands are copied in and results out.
 */
import type * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { KernelExports } from './exports.js';
import { instantiate } from './loader.js';

/** One kernel call's view of memory: everything that it takes is given back when the call ends. */
export interface HeapCall {
  readonly exports: KernelExports;
  /** Address of a tensor's values. */
  readonly input: (tensor: tf.TensorInfo) => number;
  /** Address of a new float32 tensor; the tensors of all outputs, in order, are the call's result. */
  readonly output: (shape: readonly number[]) => number;
  /** Address of uninitialised memory, a multiple of 16. */
  readonly scratch: (bytes: number) => number;
  /** Address of a copy of the integers. */
  readonly integers: (values: readonly number[]) => number;
}

export interface Heap {
  run(body: (call: HeapCall) => void): tf.TensorInfo[];
}

/** Internals of the host's Emscripten module that its types leave out. */
interface HostModule {
  readonly _malloc: (bytes: number) => number;
  readonly _free: (address: number) => void;
  readonly wasmMemory?: WebAssembly.Memory;
  readonly asm?: { readonly memory?: WebAssembly.Memory };
}

const heaps = new WeakMap<BackendWasm, Heap>();

/** The heap that kernels of this backend run on; made on first use. */
export function heapOf(backend: BackendWasm): Heap {
  let heap = heaps.get(backend);
  if (heap === undefined) {
    const memory = hostMemory(backend);
    heap = memory === undefined ? new CopyingHeap(backend) : new SharedHeap(backend, memory);
    heaps.set(backend, heap);
  }
  return heap;
}

/** Makes this backend's kernels run on another heap, or on the default one again. */
export function useHeap(backend: BackendWasm, heap: Heap | undefined): void {
  if (heap === undefined) heaps.delete(backend);
  else heaps.set(backend, heap);
}

/** The memory of the host's module, if it can be reached and belongs to one thread. */
function hostMemory(backend: BackendWasm): WebAssembly.Memory | undefined {
  const host = backend.wasm as unknown as HostModule;
  const memory = host.wasmMemory ?? host.asm?.memory;
  return memory?.buffer instanceof ArrayBuffer ? memory : undefined;
}

/** Kernels on the host's own memory. */
export class SharedHeap implements Heap {
  private readonly exports: KernelExports;
  private readonly host: HostModule;

  constructor(
    private readonly backend: BackendWasm,
    private readonly memory: WebAssembly.Memory,
  ) {
    this.exports = instantiate(memory);
    this.host = backend.wasm as unknown as HostModule;
  }

  run(body: (call: HeapCall) => void): tf.TensorInfo[] {
    const { backend, host, memory, exports } = this;
    const outputs: tf.TensorInfo[] = [];
    const blocks: number[] = [];
    const addressOf = (tensor: tf.TensorInfo): number => backend.dataIdMap.get(tensor.dataId).memoryOffset;
    const scratch = (bytes: number): number => {
      const block = host._malloc(bytes + 16);
      if (block === 0) throw new RangeError(`Cannot run a wasm kernel: memory must suffice, received bytes = ${bytes}`);
      blocks.push(block);
      return (block + 15) & ~15;
    };
    try {
      body({
        exports,
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
      });
    } catch (error) {
      for (const { dataId } of outputs) backend.disposeData(dataId);
      throw error;
    } finally {
      for (const block of blocks) host._free(block);
    }
    return outputs;
  }
}

const PAGE = 65536;

/** Kernels on a memory of their own. */
export class CopyingHeap implements Heap {
  private readonly memory = new WebAssembly.Memory({ initial: 16, maximum: 65536 });
  private readonly exports: KernelExports;
  /** First free byte. Address 0 stands for "none". */
  private top = 16;

  constructor(private readonly backend: BackendWasm) {
    this.exports = instantiate(this.memory);
  }

  run(body: (call: HeapCall) => void): tf.TensorInfo[] {
    const { backend, exports } = this;
    const outputs: { readonly shape: readonly number[]; readonly address: number }[] = [];
    try {
      body({
        exports,
        input: (tensor) => {
          const values = backend.readSync(tensor.dataId) as Float32Array;
          const address = this.allocate(values.byteLength);
          new Float32Array(this.memory.buffer, address, values.length).set(values);
          return address;
        },
        output: (shape) => {
          const address = this.allocate(sizeOf(shape) * 4);
          outputs.push({ shape, address });
          return address;
        },
        scratch: (bytes) => this.allocate(bytes),
        integers: (values) => {
          const address = this.allocate(values.length * 4);
          new Int32Array(this.memory.buffer, address, values.length).set(values);
          return address;
        },
      });
      return outputs.map(({ shape, address }) => {
        const values = new Float32Array(this.memory.buffer, address, sizeOf(shape)).slice();
        return backend.makeOutput([...shape], 'float32', undefined, values);
      });
    } finally {
      this.top = 16;
    }
  }

  private allocate(bytes: number): number {
    const address = this.top;
    this.top = (address + bytes + 15) & ~15;
    const missing = this.top - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE));
    return address;
  }
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1);
}
