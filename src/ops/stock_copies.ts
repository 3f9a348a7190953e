/**
 * The TensorFlow.js wasm kernels that copy values which every other backend shares: `Identity`, with which the engine
 * keeps each tensor for the backward pass (half of all kernel calls in a training step), and `Cast` to the same dtype.
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

/** Tests whether the values can be shared. Strings cannot: they are not numbers on the heap. */
export function isShared({ inputs, attrs }: KernelArguments): boolean {
  const { dtype } = inputs['x']!;
  const wanted = (attrs as { readonly dtype?: tf.DataType } | undefined)?.dtype ?? dtype;
  return dtype !== 'string' && wanted === dtype;
}
