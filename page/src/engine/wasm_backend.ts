/** The wasm backend of TensorFlow.js, with binaries loaded from the page's own folder. */
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';

const urlOf = (file: string): string => new URL(file, import.meta.url).href;

let isLocated = false;

/** Sets the URLs of the binaries, once, before wasm starts. */
export function locateWasm(): void {
  // TensorFlow.js throws if the paths are set again after the start.
  if (isLocated) return;
  isLocated = true;
  // The threaded build hangs after minification renames its functions, but it must have a URL all the same.
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  setWasmPaths({
    'tfjs-backend-wasm.wasm': urlOf(plain),
    'tfjs-backend-wasm-simd.wasm': urlOf(simd),
    'tfjs-backend-wasm-threaded-simd.wasm': urlOf(simd),
  });
}

/** Activates wasm in this thread, or cpu if wasm does not start; returns the name. */
export async function startWasm(): Promise<string> {
  locateWasm();
  if (!(await tf.setBackend('wasm'))) await tf.setBackend('cpu');
  return tf.getBackend();
}
