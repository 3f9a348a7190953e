/** The one call that replaces kernels of the host; everything else in this package leaves them as they are. */
import * as tf from '@tensorflow/tfjs';
import { guardHost, unguardHosts } from './backends/wasm/guard_host.js';
import type { KernelArguments } from './kernel/kernel_arguments.js';
import { replaceStockCalls } from './layers/stock_calls.js';
import { VOLUME_GRADIENTS } from './ops/stock_conv3d.js';
import { STOCK_KERNELS } from './ops/stock_convolutions/index.js';
import { isAnswered } from './ops/stock_convolutions/kernels.js';
import { isShared, SHARING_KERNELS } from './ops/stock_copies.js';
import { BROADCAST_GRADIENTS } from './ops/stock_gradients.js';
import { correctAveragePool3d, STOCK_POOLING_KERNELS } from './ops/stock_pooling/index.js';
import { RESIZING_GRADIENTS } from './ops/stock_resizing.js';

/** What is to stand in the place of one of the host's kernels. */
interface Replacement extends Pick<tf.KernelConfig, 'kernelName' | 'backendName'> {
  /** This package's kernel; the host may lack one, and then has it already. */
  readonly own?: tf.KernelConfig;
  readonly over: (host: tf.KernelConfig) => tf.KernelFunc;
}

/** A kernel of this package for the calls that it is to answer; the host's answers the others. */
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

/** What puts back each thing that is no kernel. */
const undo: (() => void)[] = [];

/** What stands in the registry now for a kernel of the host, and what stood there before. */
const replaced = new Map<tf.KernelConfig, tf.KernelConfig>();

/**
 * Makes the convolutions of TensorFlow.js itself (`tf.conv2d`, `tf.layers.conv2d`, `depthwiseConv2d`, `separableConv2d`,
 * `conv2dTranspose`) run on this package's kernels, for the whole process: on wasm all of them, whose `'same'` is wrong
 * where the kernel is smaller than the stride and whose input gradient is ten times slower; on cpu the gradients that are
 * slow there. On wasm it also makes the host's `clone` share values, as it does on every other backend, instead of
 * copying them: training steps of any layers get faster by that. And an allocation that fails there throws, where the host
 * alone goes on at address 0 and overwrites other tensors. Layers of this package need no such call to be right.
 * The host's gradients of poolings become right: of averages with padding on cpu, wasm, webgl and webgpu, of maxima that are
 * not positive on wasm, over one axis, two or three; and everywhere those of its resizing (`tf.image.resizeBilinear`,
 * `resizeNearestNeighbor`, `tf.layers.upSampling2d`, `resizing`), of its batch normalisation (over any axis, without `scale`
 * or `center`, and frozen) and layer normalisation, of `maximum` and `minimum` where one operand is broadcast, and on wasm of
 * convolutions of volumes. Calling it again changes nothing, but for backends that have come since.
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
  for (const { kernelName, backendName, own, over } of REPLACEMENTS) {
    // Nothing where the backend is not there; the registry's declaration leaves that out.
    const host = tf.getKernel(kernelName, backendName) as tf.KernelConfig | undefined;
    if (host === undefined || host === own || replaced.has(host)) continue;
    // The host's set-up stays: its kernel may still be asked.
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
  // Backends that run already; the others are set up when they start.
  for (const backend of Object.values(tf.engine().registry)) guardHost(backend);
  undo.push(replaceStockCalls(), ...[...RESIZING_GRADIENTS, ...BROADCAST_GRADIENTS].map(replaceGradient));
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

/** Puts a gradient in the place of the host's; returns a function that undoes it. */
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

/** Replaces without the warning that the host prints when a kernel is registered twice. */
function put(kernel: tf.KernelConfig): void {
  tf.unregisterKernel(kernel.kernelName, kernel.backendName);
  tf.registerKernel(kernel);
}
