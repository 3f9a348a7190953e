/** A new tensor that shares values without a copy: backends count references to their data. */
import type * as tf from '@tensorflow/tfjs';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { IDENTITY } from './kernels.js';

/** Returns a second tensor that refers to the input's values. */
export function share({ inputs, backend }: KernelArguments): tf.TensorInfo {
  const { dataId, shape, dtype } = inputs['x']!;
  (backend as tf.KernelBackend).incRef(dataId);
  return { dataId, shape, dtype };
}

/** The kernel, the same on every backend. */
export function identityOn(backendName: string): tf.KernelConfig {
  return { kernelName: IDENTITY.forward, backendName, kernelFunc: share };
}
