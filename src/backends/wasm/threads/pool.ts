/** Workers that run kernels on shared memory, together with the calling thread. */
import type { KernelExports } from '../exports.js';
import { CALLS, CELL, CONTROL_BYTES, MOST_TASKS } from './control.js';
import { startWorker, type Worker } from './start_worker.js';
import { WORKER_SOURCE } from './worker_source.js';

/** One call of a kernel. */
export interface Call {
  readonly kernel: keyof KernelExports;
  readonly values: readonly number[];
}

/** Calls that one thread makes in sequence. */
export type Task = readonly Call[];

type Kernel = (...values: number[]) => unknown;

/** Pool of workers on one shared memory; {@link Threads} decides when to use it. */
export class Pool {
  private readonly indices: ReadonlyMap<string, number>;
  private readonly kernels: readonly Kernel[];
  private readonly cells: Int32Array;
  private readonly calls: Float64Array;
  private readonly workers: readonly Worker[];
  private broken = false;

  /** Starts `size` − 1 workers. */
  constructor(
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    exports: KernelExports,
    readonly size: number,
  ) {
    this.indices = new Map(Object.keys(exports).map((name, index) => [name, index]));
    this.kernels = Object.values(exports) as Kernel[];
    const block = new SharedArrayBuffer(CONTROL_BYTES);
    this.cells = new Int32Array(block);
    this.calls = new Float64Array(block);
    const onFailure = (): void => {
      this.broken = true;
    };
    const workers = Array.from({ length: size - 1 }, () => startWorker(WORKER_SOURCE, onFailure));
    this.workers = workers.filter((worker) => worker !== undefined);
    for (const worker of this.workers) worker.postMessage({ module, memory, block });
  }

  /** True if dividing work can help; workers that are still starting will join later. */
  get usable(): boolean {
    return this.workers.length > 0 && !this.broken;
  }

  /** Number of workers that have started. */
  get ready(): number {
    return Atomics.load(this.cells, CELL.ready);
  }

  /** Number of tasks done by workers instead of the caller. */
  get helped(): number {
    return Atomics.load(this.cells, CELL.helped);
  }

  /** Runs all tasks, in any order, and returns when all have finished. */
  run(tasks: readonly Task[]): void {
    if (tasks.length > MOST_TASKS) {
      throw new RangeError(`Cannot run tasks: at most ${MOST_TASKS}, received ${tasks.length}`);
    }
    const { cells } = this;
    this.write(tasks);
    Atomics.store(cells, CELL.done, 0);
    Atomics.store(cells, CELL.failed, 0);
    Atomics.store(cells, CELL.open, tasks.length); // from here on they are taken
    Atomics.add(cells, CELL.generation, 1);
    Atomics.notify(cells, CELL.generation, tasks.length - 1);
    this.drain();
    // The main thread of a page must not sleep. It waits here for at most one task per worker.
    while (Atomics.load(cells, CELL.done) < tasks.length);
    if (Atomics.load(cells, CELL.failed) > 0) throw new WebAssembly.RuntimeError('A wasm kernel failed');
  }

  dispose(): void {
    this.broken = true;
    for (const worker of this.workers) void worker.terminate();
  }

  private write(tasks: readonly Task[]): void {
    const { calls, cells, indices } = this;
    let at = CALLS;
    tasks.forEach((task, index) => {
      cells[CELL.starts + index] = at;
      for (const { kernel, values } of task) {
        calls[at] = indices.get(kernel)!;
        calls[at + 1] = values.length;
        calls.set(values, at + 2);
        at += 2 + values.length;
      }
    });
    cells[CELL.starts + tasks.length] = at;
  }

  /** Takes tasks until none is open; the same loop as in a worker (worker_source.ts). */
  private drain(): void {
    const { calls, cells, kernels } = this;
    for (let task; (task = Atomics.sub(cells, CELL.open, 1)) > 0;) {
      try {
        for (let at = cells[CELL.starts + task - 1]!; at < cells[CELL.starts + task]!;) {
          const end = at + 2 + calls[at + 1]!;
          kernels[calls[at]!]!(...calls.subarray(at + 2, end));
          at = end;
        }
      } catch {
        Atomics.add(cells, CELL.failed, 1);
      }
      Atomics.add(cells, CELL.done, 1);
    }
  }
}
