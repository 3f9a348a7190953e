/**
 * Gradient of 3-D average pooling on tfjs-node, where TensorFlow adds shares of dy to wrong pixels if a window is longer
 * than the image (2.21, without oneDNN). An average over three axes is one average after another.
 */
import * as tf from '@tensorflow/tfjs';
import { TensorFlow } from '../../backends/node/adapter.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { sizeOf } from '../../kernel/sizes.js';
import { axesOf, pixelsOf, windowOf, type StockPoolAxis } from './windows.js';

/** Correct kernel, made from the stock kernel. */
export function nodeAveragePool3dGradient(host: tf.KernelConfig): tf.KernelFunc {
  return (args: KernelArguments) => {
    const axes = axesOf(windowOf(args, 'input').info);
    if (axes.every(({ kernel, size }) => kernel <= size)) return host.kernelFunc(args as Parameters<tf.KernelFunc>[0]);
    return tf.tidy(() => {
      const t = new TensorFlow(args);
      return distribute(t, distribute(t, distribute(t, t.input('dy'), axes[0], 1), axes[1], 2), axes[2], 3);
    });
  };
}

/** Gradient of an average along one axis. */
function distribute(t: TensorFlow, dy: tf.TensorInfo, axis: StockPoolAxis, index: number): tf.Tensor {
  const [before, after] = [dy.shape.slice(0, index), dy.shape.slice(index + 1)];
  const lines = t.reshape(dy, [sizeOf(before), axis.out, sizeOf(after)]);
  const dx = t.run('BatchMatMulV2', [sharesOf(axis), lines], [t.flag('adj_x', false), t.flag('adj_y', false)]);
  return t.reshape(dx, [...before, axis.size, ...after]);
}

/** Shares [1, pixel, position] of the positions of a window in the gradient of the pixels along an axis. */
function sharesOf(axis: StockPoolAxis): tf.Tensor {
  const shares = tf.buffer([1, axis.size, axis.out]);
  for (let position = 0; position < axis.out; position++) {
    const [first, end] = pixelsOf(axis, position);
    for (let pixel = first; pixel < end; pixel++) shares.set(1 / (end - first), 0, pixel, position);
  }
  return shares.toTensor();
}
