/** Calls to the engine, from here only: named inputs, typed attributes, one clear error. */
import * as tf from '@tensorflow/tfjs';
import { UnsupportedBackendError, type Action } from '../errors.js';

type Inputs = Readonly<Record<string, tf.Tensor | undefined>>;

/** Runs a kernel of this package on the active backend; `undefined` inputs are omitted. */
export function runKernel(action: Action, kernel: string, inputs: Inputs, attributes: object): tf.Tensor[] {
  const present: tf.NamedTensorMap = {};
  for (const name in inputs) {
    const tensor = inputs[name];
    if (tensor !== undefined) present[name] = tensor;
  }
  try {
    const result = tf.engine().runKernel<tf.Tensor | tf.Tensor[]>(kernel, present, attributes as tf.NamedAttrMap);
    return Array.isArray(result) ? result : [result];
  } catch (error) {
    throw unsupported(action, kernel) ?? error;
  }
}

/** Runs a kernel that has one output. */
export function runKernelSingle(action: Action, kernel: string, inputs: Inputs, attributes: object): tf.Tensor {
  return runKernel(action, kernel, inputs, attributes)[0]!;
}

/**
 * Error for a kernel that the active backend lacks. Checked only after a failure: a look-up costs as much as a small
 * operator.
 */
function unsupported(action: Action, kernel: string): UnsupportedBackendError | undefined {
  // Both may return undefined although their types say otherwise, the first while no backend is active.
  const backend = (tf.getBackend() as string | undefined) ?? '';
  if (backend === '' || (tf.getKernel(kernel, backend) as tf.KernelConfig | undefined) !== undefined) return undefined;
  return new UnsupportedBackendError(action, backend, `kernel ${kernel} must be registered for the active backend`);
}
