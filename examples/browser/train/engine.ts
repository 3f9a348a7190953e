/** What train computes, in the worker. */
import * as tf from '@tensorflow/tfjs';
import 'tfjs-convolutions';
import { startWasm } from '../engine/wasm_backend.js';

const started = startWasm();

export const engine = {
  backend: () => started,
  version: () => tf.version_core,
};
