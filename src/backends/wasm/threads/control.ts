/**
 * Control block that the threads of a pool share in addition to the kernels' memory. All threads take tasks from one
 * counter, so a worker that wakes up late, or never started, holds up nobody.
 */

/** Indices of the 32-bit integer cells at the start of the block. */
export const CELL = {
  /** Incremented when tasks are posted; workers sleep on it. */
  generation: 0,
  /** Number of open tasks; below 1 if there are none. A thread takes the task with this number by decrementing it. */
  open: 1,
  /** Number of finished tasks. */
  done: 2,
  /** Number of tasks that threw. */
  failed: 3,
  /** Number of workers that have started. */
  ready: 4,
  /** Number of tasks that workers have taken since they started. */
  helped: 5,
  /** Start of each task's calls, and end of the last one's, in float64 cells. */
  starts: 6,
} as const;

export const MOST_TASKS = 256;

/** First float64 cell of the calls: index of the kernel, number of arguments, arguments. */
export const CALLS = 256;

/** Size of the block in bytes. */
export const CONTROL_BYTES = 65536;
