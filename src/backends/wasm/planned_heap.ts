/**
 * Heap of kernels whose operands have addresses that do not change from call to call. A kernel that only calls exports of
 * the module is reduced to these calls, with all their numbers; others run as usual, with ready outputs.
 */
import type * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { align, ALIGNMENT } from './alignment.js';
import { allocate, type HostModule } from './allocation.js';
import type { KernelExports } from './exports.js';
import type { Derivation, Heap, HeapCall, Parameters } from './heap.js';
import type { HostHeap } from './host_heap.js';

/** A call of an export with all its numbers. */
export type PlannedCall = () => void;

/** A kernel reduced to calls of exports. */
export interface PlannedKernel {
  readonly calls: readonly PlannedCall[];
  /** Copies the numbers that depend on the attributes to the heap; once, or before each run if the attributes change. */
  readonly setAttributes: (attributes: object) => void;
}

/** Numbers of a planned kernel that depend on its attributes. */
interface PlannedParameters {
  readonly address: number;
  readonly count: number;
  readonly compute: Parameters;
}

/** Calls that derive something from a tensor, such as a packed filter. */
interface PlannedDerivation {
  /** Data of the tensor on the backend; its id changes with its values. */
  readonly data: { readonly id: number };
  readonly calls: readonly PlannedCall[];
  /** Id of the data that the result was derived from last. */
  from: number | undefined;
}

/** Attributes of a kernel that is being planned: their values may change, so it must not compute with them. */
export const UNKNOWN_ATTRIBUTES: object = new Proxy(
  {},
  {
    get: () => {
      throw new NotPlain();
    },
  },
);

/** Exports that compute a size instead of running a kernel. */
const MEASURE = /Scratch$|Bytes$/;

/** Thrown by a kernel that computes in JavaScript between its calls. */
class NotPlain extends Error {}

/** Memory for scratch data, which all kernels of a plan share as they run one after another. */
export class ScratchRegion {
  private block = 0;
  private size = 0;
  private used = 0;
  private wanted = 0;

  constructor(
    private readonly host: HostModule,
    private readonly memory: WebAssembly.Memory,
  ) {}

  /** Starts the scratch data of the next kernel. */
  restart(): void {
    this.used = 0;
  }

  /** Returns an address, which is valid unless `grow` returns true afterwards. */
  take(bytes: number): number {
    const offset = this.used;
    this.used += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    this.wanted = Math.max(this.wanted, this.used);
    return align(this.block) + offset;
  }

  /** Allocates what has been wanted so far; returns true if addresses have changed. */
  grow(): boolean {
    if (this.wanted <= this.size) return false;
    this.dispose();
    this.block = allocate(this.host._malloc, this.wanted + ALIGNMENT, this.memory);
    this.size = this.wanted;
    return true;
  }

  dispose(): void {
    if (this.block !== 0) this.host._free(this.block);
    this.block = 0;
    this.size = 0;
  }
}

/** Heap whose outputs have been allocated before. */
export class PlannedHeap implements Heap {
  readonly scratch: ScratchRegion;
  private readonly host: HostModule;
  private outputs: readonly tf.TensorInfo[] = [];
  private calls: PlannedCall[] | undefined;
  private isFixed: (tensor: tf.TensorInfo) => boolean = () => false;
  private parameters: PlannedParameters[] = [];
  private derivations: PlannedDerivation[] = [];
  private blocks: number[] = [];

  constructor(
    private readonly backend: BackendWasm,
    private readonly heap: HostHeap,
    private readonly memory: WebAssembly.Memory,
  ) {
    this.host = backend.wasm;
    this.scratch = new ScratchRegion(this.host, memory);
  }

  /**
   * Reduces a kernel to calls of exports without running them.
   *
   * @param outputs its outputs, in order
   * @param isFixed tells whether an input keeps its values during the program
   * @param run runs the kernel on this heap
   * @returns undefined if it does more than that
   */
  plan(
    outputs: readonly tf.TensorInfo[],
    isFixed: (tensor: tf.TensorInfo) => boolean,
    run: () => unknown,
  ): PlannedKernel | undefined {
    const calls: PlannedCall[] = [];
    this.outputs = outputs;
    this.isFixed = isFixed;
    this.calls = calls;
    this.parameters = [];
    this.scratch.restart();
    try {
      run();
      const { parameters } = this;
      const setAttributes = (attributes: object): void => {
        for (const { address, count, compute } of parameters) {
          new Float32Array(this.memory.buffer, address, count).set(compute(attributes));
        }
      };
      return calls.length > 0 ? { calls, setAttributes } : undefined;
    } catch (error) {
      if (error instanceof NotPlain) return undefined;
      throw error;
    } finally {
      this.calls = undefined;
    }
  }

  /** Prepares a call of one export. */
  prepare(name: keyof KernelExports, values: readonly number[]): PlannedCall {
    return this.heap.threads.prepare(name, values, (bytes) => this.keep(bytes));
  }

  /** Derives again what has been derived from tensors that have changed since. */
  refresh(): void {
    for (const derivation of this.derivations) {
      if (derivation.from === derivation.data.id) continue;
      for (const call of derivation.calls) call();
      derivation.from = derivation.data.id;
    }
  }

  /** Refuses to go on if a kernel is being planned: it uses the backend itself. */
  refuseWhilePlanning(): void {
    if (this.calls) throw new NotPlain();
  }

  /** Sets the outputs of the kernel that runs next. */
  setOutputs(outputs: readonly tf.TensorInfo[]): void {
    this.outputs = outputs;
  }

  run(body: (call: HeapCall) => void): tf.TensorInfo[] {
    const { outputs, calls, memory } = this;
    const temporary: number[] = [];
    const takeTemporary = (bytes: number): number => {
      const block = allocate(this.host._malloc, bytes + ALIGNMENT, memory);
      temporary.push(block);
      return align(block);
    };
    const integers = (values: ArrayLike<number>): number => {
      const address = calls ? this.keep(values.length * 4) : takeTemporary(values.length * 4);
      new Int32Array(memory.buffer, address, values.length).set(values);
      return address;
    };
    let next = 0;
    const addressOf = ({ dataId }: tf.TensorInfo): number => this.backend.dataIdMap.get(dataId).memoryOffset;
    try {
      body({
        exports: calls ? this.recording(calls) : this.heap.threads.kernels(takeTemporary),
        input: addressOf,
        output: () => addressOf(outputs[next++]!),
        scratch: (bytes) => (calls ? this.scratch.take(bytes) : takeTemporary(bytes)),
        integers,
        ...(calls
          ? {
              parameters: (count: number, compute: Parameters) => this.plannedParameters(count, compute),
              derived: (tensor: tf.TensorInfo, derivation: Derivation) => this.derive(tensor, derivation, calls),
            }
          : {}),
        floats: (address, length) => {
          this.refuseWhilePlanning();
          return new Float32Array(memory.buffer, address, length);
        },
      });
    } finally {
      for (const block of temporary) this.host._free(block);
    }
    return [...outputs];
  }

  /** Frees what the planned kernels need. */
  reset(): void {
    for (const block of this.blocks) this.host._free(block);
    this.blocks = [];
    this.derivations = [];
  }

  dispose(): void {
    this.reset();
    this.scratch.dispose();
  }

  private plannedParameters(count: number, compute: Parameters): number {
    const address = this.keep(4 * count);
    this.parameters.push({ address, count, compute });
    return address;
  }

  /** Takes the calls that write it out of the kernel's own. */
  private derive(tensor: tf.TensorInfo, { measure, write }: Derivation, calls: PlannedCall[]): number {
    const bytes = this.isFixed(tensor) ? measure() : 0;
    if (bytes === 0) return 0;
    const address = this.keep(bytes);
    const own = calls.length;
    write(address);
    this.derivations.push({
      data: this.backend.dataIdMap.get(tensor.dataId),
      calls: calls.splice(own),
      from: undefined,
    });
    return address;
  }

  private keep(bytes: number): number {
    const block = allocate(this.host._malloc, bytes + ALIGNMENT, this.memory);
    this.blocks.push(block);
    return align(block);
  }

  /** Exports that note their calls instead of running them. */
  private recording(calls: PlannedCall[]): KernelExports {
    const { alone } = this.heap;
    const names = Object.keys(alone) as (keyof KernelExports)[];
    const entries = names.map((name) => {
      const note = (...values: number[]): void => {
        calls.push(this.prepare(name, values));
      };
      return [name, MEASURE.test(name) ? alone[name] : note] as const;
    });
    return Object.fromEntries<unknown>(entries) as unknown as KernelExports;
  }
}
