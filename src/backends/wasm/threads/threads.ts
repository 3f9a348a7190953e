/** Kernels that divide their work among the threads of a pool, if there is enough of it. */
import type { KernelExports } from '../exports.js';
import { readGeometry } from '../geometry.js';
import { moduleFor, type Variant } from '../loader.js';
import { Pool, type Task } from './pool.js';
import { Sharing, type Scratch } from './sharing.js';
import { multiplications, SPLITS, type Split } from './splits.js';

/** Number of multiplications in a matrix product that takes several times as long as waking a thread. */
const WORTHWHILE = 4e6;

/** Binary to run, and the amount of work from which threads are worth it. */
export interface ThreadsOptions {
  /** The binary. @default the best that the engine supports */
  readonly variant?: Variant | undefined;
  /** Number of matrix product multiplications from which a call is divided. @default 4,000,000 */
  readonly least?: number | undefined;
}

/** Kernels that run in parts on several threads if there is enough work, otherwise on the calling thread. */
export class Threads {
  private pool: Pool | undefined;

  constructor(
    private readonly memory: WebAssembly.Memory,
    private readonly exports: KernelExports,
    private readonly count: number,
    private readonly options: ThreadsOptions = {},
  ) {}

  /** Returns the kernels for one call, whose memory `scratch` allocates. */
  kernels(scratch: Scratch): KernelExports {
    if (!(this.count > 1)) return this.exports;
    const shared = Object.entries(SPLITS).map(([name, split]) => [
      name,
      (...values: number[]) => {
        this.run(name as keyof KernelExports, split, values, scratch);
      },
    ]);
    return { ...this.exports, ...(Object.fromEntries(shared) as Partial<KernelExports>) };
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
   * Runs a kernel in parts. They depend only on the geometry and the number of threads, not on the workers that have
   * started so far, so the same call always rounds the same way.
   */
  private run(kernel: keyof KernelExports, split: Split, values: readonly number[], scratch: Scratch): void {
    const { memory, exports, count } = this;
    const whole = readGeometry(memory, values[0]!);
    const work = multiplications(whole) * split.cost;
    const pool = work >= (this.options.least ?? WORTHWHILE) ? this.start() : undefined;
    if (pool?.usable === true) {
      const sharing = new Sharing({ memory, exports, scratch, split, whole, count });
      if (sharing.parts.length > 1) {
        pool.run(sharing.parts.map((part): Task => [{ kernel, values: sharing.valuesOf(part, values) }]));
        const additions = sharing.additions();
        if (additions.length > 0) pool.run(additions);
        return;
      }
    }
    const alone: (...all: number[]) => unknown = exports[kernel];
    alone(...values);
  }
}
