/** The backend that a command runs on. */
import * as tf from '@tensorflow/tfjs';
import { accelerateStockLayers } from '../accelerate_stock_layers.js';
import '../register.js';
import type { BackendName } from './model_names.js';

/** Activates a backend and returns a short description of it. */
export async function startBackend(name: BackendName): Promise<string> {
  // Keeps the host's advertisement for its native package out of the output.
  tf.env().set('PROD', true);
  if (!(await tf.setBackend(name))) {
    throw new Error(`Cannot start: the backend must be available on this machine, received backend = '${name}'`);
  }
  await tf.ready();
  accelerateStockLayers();
  if (name !== 'wasm') return name;
  return `wasm (${(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')) ? 'SIMD' : 'without SIMD'})`;
}
