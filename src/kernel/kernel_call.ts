import type * as tf from '@tensorflow/tfjs';
import type { KernelArguments } from './kernel_arguments.js';

/**
 * One kernel call, as opened by the adapter of a backend: everything that a kernel needs from its backend.
 *
 * `Value` is the backend's representation of a tensor's float32 values: an address on the heap (wasm), a texture
 * (webgl). A call may offer more, such as scratch memory or shaders. On cpu, tfjs-node and webgpu, which work on the
 * engine's tensors and arrays, there is nothing to open or free: their adapters are functions of the arguments.
 *
 * Contract:
 * - inputs are tensors of the engine on any backend: those on another backend are moved to this one first;
 * - an input must not be written, and is valid until the call ends;
 * - outputs have undefined values until the kernel has written all of them;
 * - everything else that a call allocates is freed when it ends; if it ends with an error, so are its outputs.
 */
export interface KernelCall<Value> {
  /** Returns an input by name; for an absent one, the value that means "none" in this backend's kernels. */
  readonly input: (name: string) => Value;
  /** Creates a float32 tensor. */
  readonly output: (shape: readonly number[]) => Value;
}

/**
 * Runs the body of a kernel in a new call. Kernels of a backend with calls always run through it; a kernel's
 * configuration combines it with the kernel's name.
 *
 * @param args arguments of the engine
 * @param body the kernel, which trusts them
 * @returns the outputs of the call, in order
 * @throws any error of the body, after freeing everything
 */
export type RunCall<Call extends KernelCall<unknown>> = (
  args: KernelArguments,
  body: (call: Call) => void,
) => tf.TensorInfo[];
