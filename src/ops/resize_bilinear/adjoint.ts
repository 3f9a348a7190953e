/** Adjoint of resizing, which acts on rows and columns separately: Y = R·X·Cᵀ, so dX = Rᵀ·dY·C. */
import * as tf from '@tensorflow/tfjs';
import { floatBytes } from '../../backends/wasm/allocation.js';
import { withCheckedMemory } from '../../backends/wasm/guard_host.js';

/**
 * Computes Rᵀ·dY·C for all images and channels as two matrix products, with images and channels along the columns.
 *
 * @param dy [n, outHeight, outWidth, channels]
 * @param rows [height, outHeight], weight of each input row in each output row
 * @param columns [width, outWidth], weight of each input column in each output column
 * @returns [n, height, width, channels]
 */
export function resizeAdjoint(dy: tf.Tensor4D, rows: tf.Tensor2D, columns: tf.Tensor2D): tf.Tensor4D {
  const [n, , outWidth, channels] = dy.shape;
  const [height, width] = [rows.shape[0], columns.shape[0]];
  // dy with permuted axes, and its copy in XNNPACK, which packs matrices before it multiplies.
  const scratch = [floatBytes(dy.shape), floatBytes(dy.shape), floatBytes([height, n, outWidth, channels])];
  return withCheckedMemory(scratch, () => {
    const tall = tf.matMul(rows, toRows(dy, [1, 0, 2, 3]));
    const wide = tf.matMul(columns, toRows(tf.reshape(tall, [height, n, outWidth, channels]), [2, 0, 1, 3]));
    return tf.transpose<tf.Tensor4D>(tf.reshape(wide, [width, height, n, channels]), [2, 1, 0, 3]);
  });
}

/** Permutes the axes and reshapes to a matrix, with the first axis as rows. */
function toRows(x: tf.Tensor, permutation: number[]): tf.Tensor2D {
  return tf.reshape(tf.transpose(x, permutation), [x.shape[permutation[0]!]!, -1]);
}
