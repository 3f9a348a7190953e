/** The backend that a command runs on. */
import * as tf from '@tensorflow/tfjs';
import { accelerateStockLayers } from '../accelerate_stock_layers.js';
import '../register.js';
import { useThreads } from '../use_threads.js';
import { UsageError } from './exit_status.js';
import type { BackendName } from './model_names.js';
import { loadBackend } from './optional_backends.js';

/**
 * Activates a backend and returns a short description of it.
 *
 * @param threads Number of threads of wasm; all cores by default.
 */
export async function startBackend(name: BackendName, threads?: number): Promise<string> {
  if (threads !== undefined && name !== 'wasm') {
    throw new UsageError(`option '--threads' is only for the backend 'wasm', received backend = '${name}'`);
  }
  await loadBackend(name);
  const used = name === 'wasm' ? useThreads(threads) : 1;
  // Keeps the host's advertisement for its native package out of the output.
  tf.env().set('PROD', true);
  if (!(await tf.setBackend(name))) {
    throw new Error(`Cannot start: the backend must be available on this machine, received backend = '${name}'`);
  }
  await tf.ready();
  accelerateStockLayers();
  if (name !== 'wasm') return name;
  const simd = (await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')) ? 'SIMD' : 'without SIMD';
  return `wasm (${simd}, ${used} ${used === 1 ? 'thread' : 'threads'})`;
}
