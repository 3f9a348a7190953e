/** What the wasm kernels of every op share: from the engine's arguments to addresses on the heap and back. */
import type * as tf from '@tensorflow/tfjs';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import type { HeapCall } from './heap.js';
import { heapOf } from './heaps.js';

/** One call, with inputs by name. */
export interface WasmCall extends Omit<HeapCall, 'input'> {
  /** Address of an input, or 0 where it is absent. */
  readonly input: (name: string) => number;
}

/** Runs a kernel body on the backend's heap; the result is its outputs in order. */
export function runWasm({ inputs, backend }: KernelArguments, body: (call: WasmCall) => void): tf.TensorInfo[] {
  return heapOf(backend as tf.KernelBackend).run(({ exports, input, output, scratch, integers, floats }) => {
    const byName = (name: string): number => {
      const tensor = inputs[name];
      return tensor === undefined ? 0 : input(tensor);
    };
    body({ exports, input: byName, output, scratch, integers, floats });
  });
}

/** {@link runWasm} for kernels of one output. */
export function runWasm1(args: KernelArguments, body: (call: WasmCall) => void): tf.TensorInfo {
  return runWasm(args, body)[0]!;
}
