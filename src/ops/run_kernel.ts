/** The one place where an op meets the engine: named inputs, typed attributes, one clear error. */
import * as tf from '@tensorflow/tfjs';
import { UnsupportedBackendError, type Action } from '../errors.js';

type Inputs = Readonly<Record<string, tf.Tensor | undefined>>;

/** Runs a kernel of this package on the active backend; `undefined` inputs are left out. */
export function runKernel(action: Action, kernel: string, inputs: Inputs, attributes: object): tf.Tensor[] {
  const present: tf.NamedTensorMap = {};
  for (const [name, tensor] of Object.entries(inputs)) if (tensor !== undefined) present[name] = tensor;
  const engine = tf.engine();
  tf.backend(); // makes sure that one is active, or says that it is still being initialised
  const backend = tf.getBackend();
  // The registry returns undefined where its declaration promises a config.
  const registered = tf.getKernel(kernel, backend) as tf.KernelConfig | undefined;
  if (registered === undefined) {
    throw new UnsupportedBackendError(action, backend, `kernel ${kernel} must be registered for the active backend`);
  }
  const result = engine.runKernel<tf.Tensor | tf.Tensor[]>(kernel, present, attributes as tf.NamedAttrMap);
  return Array.isArray(result) ? result : [result];
}

/** `runKernel` for kernels of one output. */
export function runKernel1(action: Action, kernel: string, inputs: Inputs, attributes: object): tf.Tensor {
  return runKernel(action, kernel, inputs, attributes)[0]!;
}
