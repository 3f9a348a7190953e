/** Threads for the wasm backend. */
import * as tf from '@tensorflow/tfjs';
import { startupOf } from './backends/wasm/startup.js';
import { availableCores } from './backends/wasm/threads/cores.js';
import { canStartWorkers } from './backends/wasm/threads/start_worker.js';
import { checkInteger, UnsupportedBackendError } from './errors.js';

const ACTION = 'use threads';

/** Most threads of a backend. */
const MOST_THREADS = 64;

/**
 * Makes the wasm backend compute on several threads from its start on, in Node and in cross-origin isolated pages. Call
 * it before `tf.setBackend('wasm')`. The results are the same, bit for bit, for every number of threads; kernels with
 * little work run on one. The kernels of this package divide their work, those of TensorFlow.js do not. Idle threads do
 * not keep a process alive, and end with the backend.
 *
 * @param count number of threads, the calling one included, from 1 to 64; by default one for each logical core that the
 *   process may use
 * @returns the number of threads that the backend will use: `count`, or 1 if this page is not cross-origin isolated or
 *   cannot start workers
 * @throws TypeError or RangeError if `count` is not an integer from 1 to 64
 * @throws UnsupportedBackendError if the wasm backend has started already, or is not registered
 * @example
 * ```ts
 * const threads = conv.useThreads();
 * await tf.setBackend('wasm');
 * ```
 */
export function useThreads(count?: number): number {
  const wanted = count === undefined ? availableCores() : checkInteger(ACTION, 'count', count, 1, MOST_THREADS);
  const startup = startupOf();
  if (startup === undefined) throw new UnsupportedBackendError(ACTION, 'wasm', 'the backend must be registered');
  if (startup.starting || 'wasm' in tf.engine().registry) {
    throw new UnsupportedBackendError(ACTION, 'wasm', "useThreads() must be called before tf.setBackend('wasm')");
  }
  startup.threads = canShareMemory() && canStartWorkers() ? Math.min(wanted, MOST_THREADS) : 1;
  return startup.threads;
}

/** Node always has shared memory, a page only if it is cross-origin isolated. */
function canShareMemory(): boolean {
  return typeof SharedArrayBuffer === 'function';
}
