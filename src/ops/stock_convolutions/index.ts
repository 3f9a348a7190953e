import * as tf from '@tensorflow/tfjs';
import * as conv2dCpu from '../conv2d/cpu.js';
import * as conv2dWasm from '../conv2d/wasm.js';
import * as depthwiseCpu from '../depthwise_conv2d/cpu.js';
import * as depthwiseWasm from '../depthwise_conv2d/wasm.js';
import { stockKernels } from './kernels.js';

/** Slow kernels on cpu; the stock forward kernels are as fast as ours there. */
const SLOW_ON_CPU: readonly string[] = [
  tf.Conv2DBackpropInput,
  tf.Conv2DBackpropFilter,
  tf.DepthwiseConv2dNativeBackpropInput,
  tf.DepthwiseConv2dNativeBackpropFilter,
];

/**
 * Convolution kernels of TensorFlow.js for the backends where its own are missing, wrong or slow. src/register.ts
 * registers those that are missing (wasm lacks three gradients, without which no stock convolution trains there) and
 * never replaces one; `accelerateStockLayers()` replaces the stock kernels with all of them.
 */
export const STOCK_KERNELS: readonly tf.KernelConfig[] = [
  ...stockKernels(conv2dWasm, depthwiseWasm),
  ...stockKernels(conv2dCpu, depthwiseCpu).filter(({ kernelName }) => SLOW_ON_CPU.includes(kernelName)),
];
