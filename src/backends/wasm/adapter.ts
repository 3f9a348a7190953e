/** Adapter of the wasm kernels: converts the engine's arguments to addresses on the heap, and results back. */
import type * as tf from '@tensorflow/tfjs';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import type { KernelCall, RunCall } from '../../kernel/kernel_call.js';
import type { Derivation, HeapCall, Parameters } from './heap.js';
import { heapOf } from './heaps.js';

/** One call on the backend's heap. Values are addresses; an absent input is 0. */
export interface WasmCall extends Omit<HeapCall, 'input' | 'parameters' | 'derived'>, KernelCall<number> {
  /** Copies `count` float32 numbers computed from the attributes to the heap and returns their address. */
  readonly parameters: (count: number, compute: Parameters) => number;
  /** Returns the address of what is derived from an input, or 0 if it is to be derived in this call. */
  readonly derived: (name: string, derivation: Derivation) => number;
}

/** Runs one kernel call on the heap of its backend: inputs by name in, a tensor per output back. */
export const runWasm: RunCall<WasmCall> = ({ inputs, attrs, backend }, body) =>
  heapOf(backend as tf.KernelBackend).run(
    ({ exports, input, output, scratch, integers, parameters, derived, floats }) => {
      const copied = (_: number, compute: Parameters): number =>
        integers(new Int32Array(Float32Array.from(compute(attrs as object)).buffer));
      const byName = (name: string): number => {
        const tensor = inputs[name];
        return tensor === undefined ? 0 : input(tensor);
      };
      body({
        exports,
        input: byName,
        output,
        scratch,
        integers,
        floats,
        parameters: (count, compute) => (parameters ?? copied)(count, compute),
        derived: (name, derivation) => derived?.(inputs[name]!, derivation) ?? 0,
      });
    },
  );

/** {@link runWasm} for kernels with one output. */
export function runWasmSingle(args: KernelArguments, body: (call: WasmCall) => void): tf.TensorInfo {
  return runWasm(args, body)[0]!;
}
