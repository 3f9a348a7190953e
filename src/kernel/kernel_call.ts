import type * as tf from '@tensorflow/tfjs';
import type { KernelArguments } from './kernel_arguments.js';

/**
 * One kernel call, as the adapter of a backend opens it: what a kernel needs of its backend, and nothing more.
 *
 * `Value` is how the backend holds the float32 values of a tensor: an address on the heap (wasm), a texture (webgl). A call
 * may offer more: scratch memory, shaders. On cpu, tfjs-node and webgpu, whose values are the engine's own tensors and
 * arrays, there is nothing to open or to give back: their adapters are functions of the arguments.
 *
 * Contract:
 * - inputs are values of the engine's tensors, wherever these live: those of another backend are moved here first;
 * - an input may be read and never written, and is valid until the call ends;
 * - outputs have undefined values until the kernel has written all of them;
 * - whatever else a call takes it gives back when it ends; if it ends in an error, its outputs too.
 */
export interface KernelCall<Value> {
  /** Values of an input by name. For one that is absent: what kernels of the backend take for nothing. */
  readonly input: (name: string) => Value;
  /** Values of a new float32 tensor. */
  readonly output: (shape: readonly number[]) => Value;
}

/**
 * Runs the body of a kernel in a call of its own. This is the one way into a backend that has calls; a kernel's
 * configuration holds it together with the kernel's name.
 *
 * @param args arguments of the engine
 * @param body the kernel, which trusts them
 * @returns the outputs of the call, in order
 * @throws whatever the body throws, after everything is given back
 */
export type RunCall<Call extends KernelCall<unknown>> = (
  args: KernelArguments,
  body: (call: Call) => void,
) => tf.TensorInfo[];
