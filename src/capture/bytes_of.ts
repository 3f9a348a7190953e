import * as tf from '@tensorflow/tfjs';

/** Size of a value in bytes. */
export function bytesOf(shape: readonly number[], dtype: tf.DataType): number {
  return tf.util.sizeFromShape([...shape]) * tf.util.bytesPerElement(dtype);
}
