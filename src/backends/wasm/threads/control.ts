/**
 * What the threads of a pool share beside the memory of the kernels: a block of cells. All threads take tasks from one
 * counter, so a worker that wakes up late, or never started, holds nobody up.
 */

/** Cells of 32-bit integers at the start of the block. */
export const CELL = {
  /** Grows by one when tasks are offered; workers sleep on it. */
  generation: 0,
  /** Tasks that nobody has taken; below 1 where there are none. Who takes 1 off has the task of that number. */
  open: 1,
  /** Tasks that have ended. */
  done: 2,
  /** Tasks that threw. */
  failed: 3,
  /** Workers that have started. */
  ready: 4,
  /** Tasks that workers have taken, since they started. */
  helped: 5,
  /** Where the calls of each task begin, and where those of the last one end, in float64 cells. */
  starts: 6,
} as const;

export const MOST_TASKS = 64;

/** From this float64 cell on, the calls: index of the kernel, number of arguments, arguments. */
export const CALLS = 64;

/** Bytes of the block. */
export const CONTROL_BYTES = 65536;
