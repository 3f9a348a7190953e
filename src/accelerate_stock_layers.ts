/** The one call that replaces kernels of the host; everything else in this package leaves them as they are. */
import * as tf from '@tensorflow/tfjs';
import { STOCK_KERNELS } from './ops/stock_convolutions/index.js';
import { isAnswered } from './ops/stock_convolutions/kernels.js';
import type { KernelArguments } from './ops/cpu_backend.js';
import { isShared, SHARING_KERNELS } from './ops/stock_copies.js';
import { guardHost, unguardHosts } from './wasm/guard_host.js';

/** A kernel of this package, and whether it is to answer a call rather than the host's kernel of the same name. */
interface Replacement {
  readonly own: tf.KernelConfig;
  readonly answers: (args: KernelArguments) => boolean;
}

const REPLACEMENTS: readonly Replacement[] = [
  ...STOCK_KERNELS.map((own) => ({ own, answers: (args: KernelArguments) => isAnswered(own, args) })),
  ...SHARING_KERNELS.map((own) => ({ own, answers: isShared })),
];

/** What stands in the registry now for a kernel of the host, and what stood there before. */
const replaced = new Map<tf.KernelConfig, tf.KernelConfig>();

/**
 * Makes the convolutions of TensorFlow.js itself (`tf.conv2d`, `tf.layers.conv2d`, `depthwiseConv2d`, `separableConv2d`,
 * `conv2dTranspose`) run on this package's kernels, for the whole process: on wasm all of them, whose `'same'` is wrong
 * where the kernel is smaller than the stride and whose input gradient is ten times slower; on cpu the gradients that are
 * slow there. On wasm it also makes the host's `clone` share values, as it does on every other backend, instead of
 * copying them: training steps of any layers get faster by that. And an allocation that fails there throws, where the host
 * alone goes on at address 0 and overwrites other tensors. Layers of this package need no such call to be right.
 * Calling it again changes nothing.
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
  for (const { own, answers } of REPLACEMENTS) {
    const host = tf.getKernel(own.kernelName, own.backendName);
    if (host === own || replaced.has(host)) continue;
    // The host's set-up stays: its kernel may still be asked.
    const kernel: tf.KernelConfig = {
      ...host,
      setupFunc: (backend) => {
        guardHost(backend);
        host.setupFunc?.(backend);
      },
      kernelFunc: (args) => (answers(args) ? own : host).kernelFunc(args),
    };
    put(kernel);
    replaced.set(kernel, host);
  }
  // Backends that run already; the others are set up when they start.
  for (const backend of Object.values(tf.engine().registry)) guardHost(backend);
  return restore;
}

function restore(): void {
  for (const [kernel, host] of replaced) {
    if (tf.getKernel(kernel.kernelName, kernel.backendName) === kernel) put(host);
  }
  replaced.clear();
  unguardHosts();
}

/** Replaces without the warning that the host prints when a kernel is registered twice. */
function put(kernel: tf.KernelConfig): void {
  tf.unregisterKernel(kernel.kernelName, kernel.backendName);
  tf.registerKernel(kernel);
}
