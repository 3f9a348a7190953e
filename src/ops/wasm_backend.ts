/** What the wasm kernels of every op share: from the engine's arguments to addresses on the heap and back. */
import type * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { KernelExports } from '../wasm/exports.js';
import { heapOf } from '../wasm/heap.js';
import type { KernelArguments } from './cpu_backend.js';

/** One call, with inputs by name. */
export interface WasmCall {
  readonly exports: KernelExports;
  /** Address of an input, or 0 where it is absent. */
  readonly input: (name: string) => number;
  readonly output: (shape: readonly number[]) => number;
  readonly scratch: (bytes: number) => number;
  readonly integers: (values: readonly number[]) => number;
}

/** Runs a kernel body on the backend's heap; the result is its outputs in order. */
export function runWasm({ inputs, backend }: KernelArguments, body: (call: WasmCall) => void): tf.TensorInfo[] {
  return heapOf(backend as BackendWasm).run((call) => {
    body({
      ...call,
      input: (name) => {
        const tensor = inputs[name];
        return tensor === undefined ? 0 : call.input(tensor);
      },
    });
  });
}

/** {@link runWasm} for kernels of one output. */
export function runWasm1(args: KernelArguments, body: (call: WasmCall) => void): tf.TensorInfo {
  return runWasm(args, body)[0]!;
}
