/**
 * All side effects of this package: registers kernels, gradients and layer classes with TensorFlow.js, prepares the
 * start of the wasm backend, and restores two Node functions that tfjs-node needs. Idempotent, so
 * that a second copy of this module (CommonJS next to ES modules) registers nothing twice.
 */
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { wrapStartup } from './backends/wasm/startup.js';
import { registerLayers } from './layers/registry.js';
import { restoreNodeUtil } from './node_util.js';
import { OPS } from './ops/registry.js';
import { STOCK_KERNELS } from './ops/stock_convolutions/index.js';
import { MISSING_GRADIENTS } from './ops/stock_gradients.js';
import { SEGMENT_SUM } from './ops/stock_segments.js';

/** The registries return undefined for missing entries, although their types say otherwise. */
function isKernelMissing({ kernelName, backendName }: tf.KernelConfig): boolean {
  return (tf.getKernel(kernelName, backendName) as tf.KernelConfig | undefined) === undefined;
}

function isGradientMissing({ kernelName }: tf.GradConfig): boolean {
  return (tf.getGradient(kernelName) as tf.GradConfig | undefined) === undefined;
}

const kernels = [...OPS.flatMap((op) => op.kernels), ...STOCK_KERNELS, SEGMENT_SUM];
kernels.filter(isKernelMissing).forEach((kernel) => {
  tf.registerKernel(kernel);
});
[...OPS.flatMap((op) => op.gradients), ...MISSING_GRADIENTS].filter(isGradientMissing).forEach((gradient) => {
  tf.registerGradient(gradient);
});

registerLayers();
wrapStartup();
restoreNodeUtil();
