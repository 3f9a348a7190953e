/** Division of a kernel call into tasks for several threads. */
import type { KernelExports } from '../exports.js';
import type { Task } from './pool.js';

/** Allocates uninitialised, aligned memory and returns its address. */
export type Scratch = (bytes: number) => number;

/** Environment of a kernel call. */
export interface SplitContext {
  readonly memory: WebAssembly.Memory;
  readonly exports: KernelExports;
  readonly scratch: Scratch;
  /** Number of threads. */
  readonly count: number;
  /** Amount of work from which a call is divided, in multiplications of a matrix product. */
  readonly least: number;
}

/** Tasks that may run at the same time; the next phase starts when all have finished. */
export type Phase = readonly Task[];

/**
 * Divides a call with these arguments; undefined if it is to run as a whole. Results must not depend on the number of
 * threads: a task computes some of the outputs, or partial sums whose division depends only on the shapes.
 */
export type Split = (context: SplitContext, values: readonly number[]) => readonly Phase[] | undefined;

/** Divides [0, length) into at most `count` non-empty ranges of about equal length. */
export function ranges(length: number, count: number): readonly (readonly [start: number, end: number])[] {
  const parts = Math.min(length, count);
  return Array.from({ length: parts }, (_, index) => [
    Math.floor((index * length) / parts),
    Math.floor(((index + 1) * length) / parts),
  ]);
}
