/** The wasm backend of TensorFlow.js, on all cores, with binaries loaded from the page's own folder. */
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import * as conv from 'tfjs-convolutions';

const urlOf = (file: string): string => new URL(file, import.meta.url).href;

let threads: number | undefined;

/**
 * Sets the URLs of the binaries and the number of threads, once, before wasm starts.
 *
 * @returns the number of threads: one for each core, or 1 if the page is not cross-origin isolated
 */
export function prepareWasm(): number {
  // Neither can be set again after the start.
  if (threads !== undefined) return threads;
  // The threaded build hangs after minification renames its functions, but it must have a URL all the same.
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  setWasmPaths({
    'tfjs-backend-wasm.wasm': urlOf(plain),
    'tfjs-backend-wasm-simd.wasm': urlOf(simd),
    'tfjs-backend-wasm-threaded-simd.wasm': urlOf(simd),
  });
  threads = conv.useThreads();
  return threads;
}

/** Activates wasm; false if it does not start. */
export async function activateWasm(): Promise<boolean> {
  const wanted = prepareWasm();
  if (await tf.setBackend('wasm')) return true;
  if (wanted === 1) return false;
  // Phones may refuse shared memory of the size that they give otherwise.
  threads = conv.useThreads(1);
  return tf.setBackend('wasm');
}

/** Activates wasm in this thread, or cpu if wasm does not start; returns the name. */
export async function startWasm(): Promise<string> {
  if (!(await activateWasm())) await tf.setBackend('cpu');
  return tf.getBackend();
}
