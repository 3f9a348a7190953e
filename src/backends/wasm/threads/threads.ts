/** Kernels that divide their work among the threads of a pool, if there is enough of it. */
import type { KernelExports } from '../exports.js';
import { moduleFor, type Variant } from '../loader.js';
import { Pool, type Task } from './pool.js';
import type { Phase, Scratch, SplitContext } from './split.js';
import { SPLITS, SUMMED } from './splits.js';

/** Number of multiplications in a matrix product that takes several times as long as waking a thread. */
const WORTHWHILE = 1e6;

/** Binary to run, and the amount of work from which threads are worth it. */
export interface ThreadsOptions {
  /** The binary. @default the best that the engine supports */
  readonly variant?: Variant | undefined;
  /** Number of matrix product multiplications from which a call is divided. @default 1,000,000 */
  readonly least?: number | undefined;
}

/**
 * Kernels that run in parts on several threads if there is enough work, otherwise on the calling thread. Their results
 * do not depend on the number of threads.
 */
export class Threads {
  private pool: Pool | undefined;

  /** `count` is the number of threads, of which one is the caller; more than one need shared memory. */
  constructor(
    private readonly memory: WebAssembly.Memory,
    private readonly exports: KernelExports,
    readonly count: number,
    private readonly options: ThreadsOptions = {},
  ) {}

  /** Returns the kernels, which allocate memory with `scratch`; it must stay valid until the call returns. */
  kernels(scratch: Scratch): KernelExports {
    const { exports } = this;
    const context = this.contextOf(scratch);
    const names = this.count > 1 ? (Object.keys(SPLITS) as (keyof KernelExports)[]) : SUMMED;
    const shared = names.map((name) => [
      name,
      (...values: number[]) => {
        this.run(name, values, context);
      },
    ]);
    return { ...exports, ...(Object.fromEntries(shared) as Partial<KernelExports>) };
  }

  /** Number of workers that have started. */
  get ready(): number {
    return this.pool?.ready ?? 0;
  }

  /** Starts the workers unless they are running. The first call with enough work does so too. */
  start(): Pool {
    this.pool ??= new Pool(moduleFor(this.memory, this.options.variant), this.memory, this.exports, this.count);
    return this.pool;
  }

  dispose(): void {
    this.pool?.dispose();
    this.pool = undefined;
  }

  /**
   * Divides a call now, to run it any number of times.
   *
   * @param scratch allocates memory that must stay valid as long as the call is used
   * @returns runs the call
   */
  prepare(kernel: keyof KernelExports, values: readonly number[], scratch: Scratch): () => void {
    const phases =
      (this.count > 1 || (SUMMED as readonly string[]).includes(kernel)) &&
      SPLITS[kernel]?.(this.contextOf(scratch), values);
    const run: (...all: number[]) => unknown = this.exports[kernel];
    if (!phases) return () => run(...values);
    return () => {
      for (const phase of phases) this.runPhase(phase);
    };
  }

  private contextOf(scratch: Scratch): SplitContext {
    const { memory, exports, count } = this;
    return { memory, exports, scratch, count, least: this.options.least ?? WORTHWHILE };
  }

  private run(kernel: keyof KernelExports, values: readonly number[], context: SplitContext): void {
    const phases = SPLITS[kernel]!(context, values);
    if (phases === undefined) callKernel(this.exports, kernel, values);
    else for (const phase of phases) this.runPhase(phase);
  }

  private runPhase(phase: Phase): void {
    const pool = phase.length > 1 && this.count > 1 ? this.start() : undefined;
    if (pool?.usable === true) pool.run(phase);
    else for (const task of phase) runTask(this.exports, task);
  }
}

function runTask(exports: KernelExports, task: Task): void {
  for (const { kernel, values } of task) callKernel(exports, kernel, values);
}

function callKernel(exports: KernelExports, kernel: keyof KernelExports, values: readonly number[]): void {
  const run: (...all: number[]) => unknown = exports[kernel];
  run(...values);
}
