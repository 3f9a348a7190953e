/**
 * The host's wasm kernels that copy all values where every other backend shares them: `Identity`, with which the engine
 * keeps each tensor for the backward pass (half of all kernel calls of a training step), and `Cast` to the same type.
 */
import * as tf from '@tensorflow/tfjs';
import type { KernelArguments } from '../kernel/kernel_arguments.js';
import { share } from './identity/share.js';

const BACKEND = 'wasm';

export const SHARING_KERNELS: readonly tf.KernelConfig[] = [tf.Identity, tf.Cast].map((kernelName) => ({
  kernelName,
  backendName: BACKEND,
  kernelFunc: share,
}));

/** Whether the values stay as they are. Strings are the host's: they are no numbers on the heap. */
export function isShared({ inputs, attrs }: KernelArguments): boolean {
  const { dtype } = inputs['x']!;
  const wanted = (attrs as { readonly dtype?: tf.DataType } | undefined)?.dtype ?? dtype;
  return dtype !== 'string' && wanted === dtype;
}
