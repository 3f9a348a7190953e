/** The same values under another tensor, without a copy: backends count the tensors of their values. */
import type * as tf from '@tensorflow/tfjs';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { IDENTITY } from './names.js';

/** A second tensor of the input's values. */
export function share({ inputs, backend }: KernelArguments): tf.TensorInfo {
  const { dataId, shape, dtype } = inputs['x']!;
  (backend as tf.KernelBackend).incRef(dataId);
  return { dataId, shape, dtype };
}

/** The kernel, which is alike on every backend. */
export function identityOn(backendName: string): tf.KernelConfig {
  return { kernelName: IDENTITY.forward, backendName, kernelFunc: share };
}
