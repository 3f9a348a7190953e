/**
 * depthwiseConv2d on tfjs-node: TensorFlow's own, and the wasm kernels for what it lacks: dilations, and strides that differ.
 */
import type * as tf from '@tensorflow/tfjs';
import type { KernelArguments } from '../cpu_backend.js';
import type { ConvGeometry } from '../geometry.js';
import { NODE } from '../node_backend.js';
import { nodeConvolution, type NodeConvolution } from '../node_convolution.js';
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
