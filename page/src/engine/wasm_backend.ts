/** The wasm backend of TensorFlow.js, with its binaries from this page's own folder. */
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';

const urlOf = (file: string): string => new URL(file, import.meta.url).href;

let isLocated = false;

/** Tells TensorFlow.js where the binaries are; once, before wasm starts. */
export function locateWasm(): void {
  // It refuses to be told again once it has started.
  if (isLocated) return;
  isLocated = true;
  // The threaded build hangs once a bundler has renamed its functions. It must have an address all the same.
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  setWasmPaths({
    'tfjs-backend-wasm.wasm': urlOf(plain),
    'tfjs-backend-wasm-simd.wasm': urlOf(simd),
    'tfjs-backend-wasm-threaded-simd.wasm': urlOf(simd),
  });
}

/** Makes wasm the backend of this thread, or cpu where wasm does not start; tells which. */
export async function startWasm(): Promise<string> {
  locateWasm();
  if (!(await tf.setBackend('wasm'))) await tf.setBackend('cpu');
  return tf.getBackend();
}
