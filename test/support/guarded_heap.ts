/**
 * Wasm kernels whose every memory access is checked against the operands of the call. Each operand is isolated by 64
 * KiB of unowned memory on either side, so an address that leaves its operand does not hit another. Inputs are
 * read-only; outputs and scratch memory start as NaN.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { KernelExports } from '../../src/backends/wasm/exports.js';
import { PLAIN_BASE64, RELAXED_BASE64 } from '../../src/backends/wasm/generated/binary.js';
import type { Heap, HeapCall } from '../../src/backends/wasm/heap.js';
import type { Variant } from '../../src/backends/wasm/loader.js';
import type { Pool, Task } from '../../src/backends/wasm/threads/pool.js';
import { Threads } from '../../src/backends/wasm/threads/threads.js';

const SLOT = 65536;

/** Offset of an operand in its first slot. */
const MARGIN = 64;

interface Block {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly writable: boolean;
}

export interface GuardedHeapOptions {
  /** @default 'plain' */
  readonly variant?: Variant;
  /** Number of threads for whose parts convolutions run, one part after the other. @default 1 */
  readonly parts?: number;
}

export class GuardedHeap implements Heap {
  /** Number of checked reads. */
  reads = 0;
  writes = 0;
  private readonly memory = new WebAssembly.Memory({ initial: 16, maximum: 65536, shared: true });
  private readonly exports: KernelExports;
  private readonly threads: Threads;
  /** The operand in each slot of memory. */
  private slots: (Block | undefined)[] = [];
  private names = new Map<string, number>();

  constructor(
    private readonly backend: tf.KernelBackend,
    { variant = 'plain', parts = 1 }: GuardedHeapOptions = {},
  ) {
    const guard = {
      read: (address: number, offset: number, bytes: number) => {
        this.reads++;
        this.check('read', (address >>> 0) + offset, bytes);
        return address;
      },
      write: (address: number, offset: number, bytes: number) => {
        this.writes++;
        this.check('write', (address >>> 0) + offset, bytes);
        return address;
      },
      fill: (address: number, value: number, bytes: number) => {
        this.writes++;
        this.check('write', address >>> 0, bytes >>> 0);
        new Uint8Array(this.memory.buffer, address >>> 0, bytes >>> 0).fill(value);
      },
      copy: (to: number, from: number, bytes: number) => {
        this.check('read', from >>> 0, bytes >>> 0);
        this.check('write', to >>> 0, bytes >>> 0);
        new Uint8Array(this.memory.buffer).copyWithin(to >>> 0, from >>> 0, (from >>> 0) + (bytes >>> 0));
      },
    };
    const imports = { env: { memory: this.memory }, guard };
    this.exports = new WebAssembly.Instance(guardedModule(variant), imports).exports as unknown as KernelExports;
    this.threads = new PartsInTurn(this.memory, this.exports, parts, { least: parts > 1 ? 0 : undefined });
  }

  run(body: (call: HeapCall) => void): tf.TensorInfo[] {
    const { backend, memory, threads } = this;
    this.slots = [undefined];
    this.names.clear();
    const inputs: { readonly address: number; readonly bytes: Uint8Array }[] = [];
    const outputs: { readonly shape: readonly number[]; readonly address: number }[] = [];
    const scratch = (bytes: number): number => this.place('scratch', bytes, true);
    const floats = (address: number, length: number): Float32Array => {
      this.check('read', address, 4 * length);
      return new Float32Array(memory.buffer, address, length);
    };
    const copyIn = (name: string, bytes: Uint8Array): number => {
      const address = this.place(name, bytes.length, false);
      new Uint8Array(memory.buffer, address, bytes.length).set(bytes);
      inputs.push({ address, bytes });
      return address;
    };
    body({
      exports: threads.kernels(scratch),
      input: ({ dataId }) => {
        if (backend.refCount(dataId) === 0) tf.engine().moveData(backend, dataId);
        const { buffer, byteOffset, byteLength } = backend.readSync(dataId) as tf.TypedArray;
        return copyIn('input', new Uint8Array(buffer, byteOffset, byteLength).slice());
      },
      output: (shape) => {
        const address = this.place('output', 4 * tf.util.sizeFromShape([...shape]), true);
        outputs.push({ shape, address });
        return address;
      },
      scratch,
      integers: (values) => copyIn('integers', new Uint8Array(Int32Array.from(values).buffer)),
      floats,
    });
    for (const { address, bytes } of inputs) {
      if (Buffer.compare(new Uint8Array(memory.buffer, address, bytes.length), bytes) !== 0) {
        throw new Error(`A kernel wrote to ${this.slots[Math.floor(address / SLOT)]!.name}`);
      }
    }
    return outputs.map(({ shape, address }) => {
      const values = new Float32Array(floats(address, tf.util.sizeFromShape([...shape])));
      return { dataId: backend.write(values, [...shape], 'float32'), shape: [...shape], dtype: 'float32' };
    });
  }

  dispose(): void {
    // Nothing runs.
  }

  /** Allocates an operand filled with NaN and returns its address. */
  private place(kind: string, bytes: number, writable: boolean): number {
    const count = (this.names.get(kind) ?? 0) + 1;
    this.names.set(kind, count);
    // An unowned slot, then the operand.
    const start = (this.slots.length + 1) * SLOT + MARGIN;
    const block = { name: `${kind} ${count}`, start, end: start + bytes, writable };
    this.slots.push(undefined);
    while (this.slots.length * SLOT < Math.max(block.end, start + 1)) this.slots.push(block);
    const missing = (this.slots.length + 1) * SLOT - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / SLOT));
    new Uint8Array(this.memory.buffer, start, bytes).fill(0xff);
    return start;
  }

  private check(access: 'read' | 'write', address: number, bytes: number): void {
    const block = this.slots[Math.floor(address / SLOT)];
    const inside = block !== undefined && address >= block.start && address + bytes <= block.end;
    if (inside && (block.writable || access === 'read')) return;
    if (bytes === 0) return;
    const operands = [...new Set(this.slots)].flatMap((known) =>
      known === undefined
        ? []
        : [`${known.name}${known.writable ? '' : ' (read only)'} [${known.start}, ${known.end})`],
    );
    throw new GuardError(
      `A kernel may not ${access} ${bytes} bytes at ${address}: the operands are ${operands.join(', ')}`,
    );
  }
}

/** An access outside the operands. */
export class GuardError extends Error {}

/** Runs the parts of all threads on one thread. */
class PartsInTurn extends Threads {
  private readonly inTurn: Pool;

  constructor(...given: ConstructorParameters<typeof Threads>) {
    super(...given);
    const exports = given[1];
    const pool = {
      usable: true,
      run: (tasks: readonly Task[]) => {
        for (const { kernel, values } of tasks.flat()) {
          const run: (...all: number[]) => unknown = exports[kernel];
          run(...values);
        }
      },
    };
    this.inTurn = pool as unknown as Pool;
  }

  override start(): Pool {
    return this.inTurn;
  }
}

const modules = new Map<Variant, WebAssembly.Module>();

/** The rewritten module; built once per binary and cached in the folder for temporary files. */
function guardedModule(variant: Variant): WebAssembly.Module {
  let module = modules.get(variant);
  if (module === undefined) {
    const script = path.join(process.cwd(), 'scripts/guard_wasm.mjs');
    const binary = Buffer.from(variant === 'plain' ? PLAIN_BASE64 : RELAXED_BASE64, 'base64');
    const digest = createHash('sha256').update(binary).update(fs.readFileSync(script)).digest('hex');
    const file = path.join(os.tmpdir(), `tfjs-convolutions-guarded-${digest}.wasm`);
    if (!fs.existsSync(file)) {
      const draft = `${file}.${process.pid}`;
      fs.writeFileSync(draft, execFileSync(process.execPath, [script], { input: binary, maxBuffer: 2 ** 26 }));
      fs.renameSync(draft, file);
    }
    module = new WebAssembly.Module(fs.readFileSync(file));
    modules.set(variant, module);
  }
  return module;
}
