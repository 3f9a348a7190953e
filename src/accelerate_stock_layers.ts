/** The only function that replaces TensorFlow.js kernels; everything else in this package leaves them as they are. */
import * as tf from '@tensorflow/tfjs';
import { guardHost, unguardHosts } from './backends/wasm/guard_host.js';
import type { KernelArguments } from './kernel/kernel_arguments.js';
import { replaceStockCalls } from './layers/stock_calls.js';
import { VOLUME_GRADIENTS } from './ops/stock_conv3d.js';
import { STOCK_KERNELS } from './ops/stock_convolutions/index.js';
import { isAnswered } from './ops/stock_convolutions/kernels.js';
import { isShared, SHARING_KERNELS } from './ops/stock_copies.js';
import { DILATED_GRADIENTS } from './ops/stock_dilation.js';
import { BROADCAST_GRADIENTS } from './ops/stock_gradients.js';
import { correctAveragePool3d, STOCK_POOLING_KERNELS } from './ops/stock_pooling/index.js';
import { RESIZING_GRADIENTS } from './ops/stock_resizing.js';

/** Replacement of a TensorFlow.js kernel. */
interface Replacement extends Pick<tf.KernelConfig, 'kernelName' | 'backendName'> {
  /** This package's kernel; if TensorFlow.js has none, src/register.ts has registered it already. */
  readonly own?: tf.KernelConfig;
  readonly over: (host: tf.KernelConfig) => tf.KernelFunc;
}

/** Replaces a stock kernel for those calls that `answers` accepts; the stock kernel handles the others. */
function replacement(own: tf.KernelConfig, answers: (args: KernelArguments) => boolean = () => true): Replacement {
  const { kernelName, backendName } = own;
  const over = (host: tf.KernelConfig): tf.KernelFunc => {
    return (args) => (answers(args) ? own : host).kernelFunc(args);
  };
  return { kernelName, backendName, own, over };
}

const REPLACEMENTS: readonly Replacement[] = [
  ...STOCK_KERNELS.map((own) => replacement(own, (args) => isAnswered(own, args))),
  ...STOCK_POOLING_KERNELS.map((own) => replacement(own)),
  ...correctAveragePool3d.map(({ correct, ...key }): Replacement => ({ ...key, over: correct })),
  ...SHARING_KERNELS.map((own) => replacement(own, isShared)),
  ...VOLUME_GRADIENTS.map((own) => replacement(own)),
];

/** Undo functions for everything other than kernels. */
const undo: (() => void)[] = [];

/** Registered replacements, with the stock kernels that they replaced. */
const replaced = new Map<tf.KernelConfig, tf.KernelConfig>();

/**
 * Replaces slow and incorrect kernels and gradients of TensorFlow.js itself with this package's, for the whole process.
 * The layers of this package are correct without it.
 *
 * - Convolutions (`tf.conv2d`, `tf.layers.conv2d`, `depthwiseConv2d`, `separableConv2d`, `conv2dTranspose`): on wasm
 *   all of them, where stock `'same'` padding is wrong if the kernel is smaller than the stride and the stock input
 *   gradient is ten times slower; on cpu the slow gradients. On wasm also the gradients of 3-D convolution.
 * - Pooling, 1-D to 3-D: the gradients of average pooling with padding, and of max pooling on wasm if no value in a
 *   window is positive; 3-D max pooling on wasm for such windows, and its gradient on cpu and webgpu for windows whose
 *   height and width differ.
 * - On every backend, the gradients of dilated convolutions, which TensorFlow.js refuses (`tf.conv2d`, `depthwiseConv2d` and
 *   the layers; a call of `tf.fused.conv2d` itself stays refused); the gradients of resizing (`tf.image.resizeBilinear`, `resizeNearestNeighbor`,
 *   `tf.layers.upSampling2d`, `resizing`), of batch normalisation (over any axis, without `scale` or `center`, and
 *   frozen), of layer normalisation, and of `maximum` and `minimum` with a broadcast operand.
 * - On wasm, `clone` shares values, as on every other backend, instead of copying them, which speeds up training steps
 *   of any layer. A failed allocation throws; TensorFlow.js alone continues at address 0 and overwrites other tensors.
 *
 * Calling it again has no effect, except for backends registered since.
 *
 * @returns a function that restores the kernels and gradients of TensorFlow.js
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
  for (const { kernelName, backendName, own, over } of REPLACEMENTS) {
    // Undefined if the backend is not loaded, although its type says otherwise.
    const host = tf.getKernel(kernelName, backendName) as tf.KernelConfig | undefined;
    if (host === undefined || host === own || replaced.has(host)) continue;
    // Keeps the set-up of the stock kernel, which may still be called.
    const kernel: tf.KernelConfig = {
      ...host,
      setupFunc: (backend) => {
        guardHost(backend);
        host.setupFunc?.(backend);
      },
      kernelFunc: over(host),
    };
    put(kernel);
    replaced.set(kernel, host);
  }
  // Backends that are already running; others are set up when they start.
  for (const backend of Object.values(tf.engine().registry)) guardHost(backend);
  const dilated = DILATED_GRADIENTS.map(({ kernelName, over }) => over(tf.getGradient(kernelName)));
  undo.push(replaceStockCalls(), ...[...RESIZING_GRADIENTS, ...BROADCAST_GRADIENTS, ...dilated].map(replaceGradient));
  return restore;
}

function restore(): void {
  undo.splice(0).forEach((putBack) => {
    putBack();
  });
  for (const [kernel, host] of replaced) {
    if (tf.getKernel(kernel.kernelName, kernel.backendName) === kernel) put(host);
  }
  replaced.clear();
  unguardHosts();
}

/** Replaces a TensorFlow.js gradient and returns a function that restores it. */
function replaceGradient(own: tf.GradConfig): () => void {
  const host = tf.getGradient(own.kernelName);
  if (host === own) return () => undefined;
  const replace = (by: tf.GradConfig): void => {
    tf.unregisterGradient(own.kernelName);
    tf.registerGradient(by);
  };
  replace(own);
  return () => {
    if (tf.getGradient(own.kernelName) === own) replace(host);
  };
}

/** Registers a kernel without the warning that TensorFlow.js prints for duplicates. */
function put(kernel: tf.KernelConfig): void {
  tf.unregisterKernel(kernel.kernelName, kernel.backendName);
  tf.registerKernel(kernel);
}
