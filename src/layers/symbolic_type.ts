/** Data types of symbolic tensors: TensorFlow.js takes all outputs for float32, and casts other values to that. */
import * as tf from '@tensorflow/tfjs';

type Applied = tf.Tensor | tf.Tensor[] | tf.SymbolicTensor | tf.SymbolicTensor[];

/** Sets the type of a layer's single output, if it is symbolic. */
export function setSymbolicType<T extends Applied>(output: T, dtype: tf.DataType): T {
  return output instanceof tf.SymbolicTensor ? Object.assign(output, { dtype }) : output;
}
