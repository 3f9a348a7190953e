/** The one call that replaces kernels of the host; everything else in this package leaves them as they are. */
import * as tf from '@tensorflow/tfjs';
import { STOCK_KERNELS } from './ops/stock_convolutions/index.js';
import { isAnswered } from './ops/stock_convolutions/kernels.js';

/** What stands in the registry now for a kernel of the host, and what stood there before. */
const replaced = new Map<tf.KernelConfig, tf.KernelConfig>();

/**
 * Makes the convolutions of TensorFlow.js itself (`tf.conv2d`, `tf.layers.conv2d`, `depthwiseConv2d`, `separableConv2d`,
 * `conv2dTranspose`) run on this package's kernels, for the whole process: on wasm all of them, whose `'same'` is wrong
 * where the kernel is smaller than the stride and whose input gradient is ten times slower; on cpu the gradients that are
 * slow there. Layers of this package need no such call. Calling it again changes nothing.
 *
 * @returns a function that puts the host's kernels back
 * @see tensorflow/tfjs issue 6629 for the wrong padding
 * @example
 * ```ts
 * const restore = conv.accelerateStockLayers();
 * const y = tf.conv2d(tf.ones([1, 27, 27, 1]), tf.ones([2, 2, 1, 1]), 3, 'same');
 * restore();
 * console.log(y.min().arraySync(), y.max().arraySync()); // 4 4
 * ```
 */
export function accelerateStockLayers(): () => void {
  for (const own of STOCK_KERNELS) {
    const host = tf.getKernel(own.kernelName, own.backendName);
    if (host === own || replaced.has(host)) continue;
    // The host's set-up stays: its kernel may still be asked.
    const kernel: tf.KernelConfig = {
      ...host,
      kernelFunc: (args) => (isAnswered(own, args) ? own : host).kernelFunc(args),
    };
    put(kernel);
    replaced.set(kernel, host);
  }
  return restore;
}

function restore(): void {
  for (const [kernel, host] of replaced) {
    if (tf.getKernel(kernel.kernelName, kernel.backendName) === kernel) put(host);
  }
  replaced.clear();
}

/** Replaces without the warning that the host prints when a kernel is registered twice. */
function put(kernel: tf.KernelConfig): void {
  tf.unregisterKernel(kernel.kernelName, kernel.backendName);
  tf.registerKernel(kernel);
}
