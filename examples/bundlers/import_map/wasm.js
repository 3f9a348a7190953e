import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';

setWasmPaths(new URL('../node_modules/@tensorflow/tfjs-backend-wasm/dist/', import.meta.url).href);
