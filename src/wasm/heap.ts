/**
 * Where the wasm kernels find their operands. They run on the heap of the host's wasm backend itself, without copies;
 * where that memory cannot be reached (or is shared between threads, which this binary does not import), and beside any
 * other backend that keeps its values on the host, they run on a memory of their own, and operands are copied in and
 * results out.
 */
import * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { KernelExports } from './exports.js';
import { instantiate, type Variant } from './loader.js';

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

/** TensorFlow takes memory at such an address as it is, and copies from any other. */
const ALIGNMENT = 64;

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

const heaps = new WeakMap<tf.KernelBackend, Heap>();

/** The heap that kernels of this backend run on; made on first use. */
export function heapOf(backend: tf.KernelBackend): Heap {
  let heap = heaps.get(backend);
  if (heap === undefined) {
    heap = sharedHeap(backend) ?? new CopyingHeap(backend);
    heaps.set(backend, heap);
  }
  return heap;
}

/** Makes this backend's kernels run on another heap, or on the default one again. */
export function useHeap(backend: tf.KernelBackend, heap: Heap | undefined): void {
  if (heap === undefined) heaps.delete(backend);
  else heaps.set(backend, heap);
}

/** A heap on the memory of the host's own module, if it has one that can be reached and belongs to one thread. */
function sharedHeap(backend: tf.KernelBackend): SharedHeap | undefined {
  if (!('wasm' in backend)) return undefined;
  const host = backend.wasm as HostModule;
  const memory = host.wasmMemory ?? host.asm?.memory;
  return memory?.buffer instanceof ArrayBuffer ? new SharedHeap(backend as BackendWasm, memory) : undefined;
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
    this.host = backend.wasm;
  }

  run(body: (call: HeapCall) => void): tf.TensorInfo[] {
    const { backend, host, memory, exports } = this;
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
}

const PAGE = 65536;

/** Kernels on a memory of their own, for any backend whose values can be read at once. */
export class CopyingHeap implements Heap {
  private readonly memory = new WebAssembly.Memory({ initial: 16, maximum: 65536 });
  private readonly exports: KernelExports;
  /** First free byte. Address 0 stands for "none". */
  private top = ALIGNMENT;

  constructor(
    private readonly backend: tf.KernelBackend,
    variant?: Variant,
  ) {
    this.exports = instantiate(this.memory, variant);
  }

  run(body: (call: HeapCall) => void): tf.TensorInfo[] {
    const { backend, exports, memory, top } = this;
    const outputs: { readonly shape: readonly number[]; readonly address: number }[] = [];
    const floats = (address: number, length: number): Float32Array => new Float32Array(memory.buffer, address, length);
    try {
      body({
        exports,
        input: (tensor) => {
          const { buffer, byteOffset, byteLength } = readValues(backend, tensor);
          const address = this.allocate(byteLength);
          new Uint8Array(memory.buffer, address, byteLength).set(new Uint8Array(buffer, byteOffset, byteLength));
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
          new Int32Array(memory.buffer, address, values.length).set(values);
          return address;
        },
        floats,
      });
      return outputs.map(({ shape, address }) => {
        const dataId = backend.write(floats(address, sizeOf(shape)).slice(), [...shape], 'float32');
        return { dataId, shape: [...shape], dtype: 'float32' };
      });
    } finally {
      this.top = top;
    }
  }

  private allocate(bytes: number): number {
    const address = this.top;
    this.top = align(address + bytes);
    const missing = this.top - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE));
    return address;
  }
}

/** Values of a tensor. One that lives on another backend is moved here first, as the host does for its own kernels. */
function readValues(backend: tf.KernelBackend, { dataId }: tf.TensorInfo): tf.TypedArray {
  if (backend.refCount(dataId) === 0) tf.engine().moveData(backend, dataId);
  return backend.readSync(dataId) as tf.TypedArray;
}

function align(address: number): number {
  return Math.ceil(address / ALIGNMENT) * ALIGNMENT;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1);
}
