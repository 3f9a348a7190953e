/** Adapter of the wasm kernels: converts the engine's arguments to addresses on the heap, and results back. */
import type * as tf from '@tensorflow/tfjs';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import type { KernelCall, RunCall } from '../../kernel/kernel_call.js';
import type { HeapCall } from './heap.js';
import { heapOf } from './heaps.js';

/** One call on the backend's heap. Values are addresses; an absent input is 0. */
export type WasmCall = Omit<HeapCall, 'input'> & KernelCall<number>;

/** Runs one kernel call on the heap of its backend: inputs by name in, a tensor per output back. */
export const runWasm: RunCall<WasmCall> = ({ inputs, backend }, body) =>
  heapOf(backend as tf.KernelBackend).run(({ exports, input, output, scratch, integers, floats }) => {
    const byName = (name: string): number => {
      const tensor = inputs[name];
      return tensor === undefined ? 0 : input(tensor);
    };
    body({ exports, input: byName, output, scratch, integers, floats });
  });

/** {@link runWasm} for kernels with one output. */
export function runWasmSingle(args: KernelArguments, body: (call: WasmCall) => void): tf.TensorInfo {
  return runWasm(args, body)[0]!;
}
