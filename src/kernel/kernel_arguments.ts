import type * as tf from '@tensorflow/tfjs';

/** Arguments that the engine passes to a kernel, on any backend. */
export interface KernelArguments {
  readonly inputs: tf.NamedTensorInfoMap;
  readonly backend: unknown;
  readonly attrs?: object;
}
