/** The adjoint of resizing, which works on rows and columns apart: Y = R·X·Cᵀ, so dX = Rᵀ·dY·C. */
import * as tf from '@tensorflow/tfjs';
import { floatBytes } from '../../backends/wasm/allocation.js';
import { withCheckedMemory } from '../../backends/wasm/guard_host.js';

/**
 * Rᵀ·dY·C for every image and channel, as two products of matrices that have these as columns.
 *
 * @param dy [n, outHeight, outWidth, channels]
 * @param rows [height, outHeight]: how much of each output row comes from each input row
 * @param columns [width, outWidth], alike
 * @returns [n, height, width, channels]
 */
export function resizeAdjoint(dy: tf.Tensor4D, rows: tf.Tensor2D, columns: tf.Tensor2D): tf.Tensor4D {
  const [n, , outWidth, channels] = dy.shape;
  const [height, width] = [rows.shape[0], columns.shape[0]];
  // dy with other axes and its copy in XNNPACK, which multiplies by packed matrices.
  const scratch = [floatBytes(dy.shape), floatBytes(dy.shape), floatBytes([height, n, outWidth, channels])];
  return withCheckedMemory(scratch, () => {
    const tall = tf.matMul(rows, toRows(dy, [1, 0, 2, 3]));
    const wide = tf.matMul(columns, toRows(tf.reshape(tall, [height, n, outWidth, channels]), [2, 0, 1, 3]));
    return tf.transpose<tf.Tensor4D>(tf.reshape(wide, [width, height, n, channels]), [2, 1, 0, 3]);
  });
}

/** A matrix with the first axis of a permutation as rows. */
function toRows(x: tf.Tensor, permutation: number[]): tf.Tensor2D {
  return tf.reshape(tf.transpose(x, permutation), [x.shape[permutation[0]!]!, -1]);
}
