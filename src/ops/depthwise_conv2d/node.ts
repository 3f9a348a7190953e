/**
 * depthwiseConv2d on tfjs-node: TensorFlow's kernels, or the wasm kernels for what TensorFlow lacks: dilations and
 * unequal strides.
 */
import type * as tf from '@tensorflow/tfjs';
import { NODE } from '../../backends/node/adapter.js';
import { nodeConvolution, type NodeConvolution } from '../../backends/node/convolution.js';
import type { ConvGeometry } from '../../kernel/geometry.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import * as wasm from './wasm.js';

const tensorFlow = nodeConvolution('DepthwiseConv2dNative');

function kernel(work: keyof NodeConvolution): tf.KernelConfig {
  const fallback = wasm[work];
  return {
    kernelName: fallback.kernelName,
    backendName: NODE,
    kernelFunc: (args) =>
      tensorFlow[work](args, (args as KernelArguments).attrs as ConvGeometry) ?? fallback.kernelFunc(args),
  };
}

export const forward = kernel('forward');
export const backwardInput = kernel('backwardInput');
export const backwardFilter = kernel('backwardFilter');
