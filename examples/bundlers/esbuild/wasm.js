import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm';

// esbuild returns paths relative to the bundle, not to the page.
const urlOf = (file) => new URL(file, import.meta.url).href;

tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
setWasmPaths({
  'tfjs-backend-wasm.wasm': urlOf(plain),
  'tfjs-backend-wasm-simd.wasm': urlOf(simd),
  'tfjs-backend-wasm-threaded-simd.wasm': urlOf(simd),
});
