/**
 * conv2d on tfjs-node: TensorFlow's convolution, and for dilated gradients columns that TensorFlow multiplies.
 * TensorFlow has no gradients for groups, and its forward pass is slow with many of them: the wasm kernels run instead.
 */
import type * as tf from '@tensorflow/tfjs';
import { NODE } from '../../backends/node/adapter.js';
import { columnsBackwardData, columnsBackwardFilter } from '../../backends/node/columns.js';
import { nodeConvolution } from '../../backends/node/convolution.js';
import type { ConvGeometry } from '../../kernel/geometry.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import * as wasm from './wasm.js';

type Run = (args: KernelArguments, g: ConvGeometry) => tf.TensorInfo | undefined;

const tensorFlow = nodeConvolution('Conv2D');

function kernel(fallback: tf.KernelConfig, run: Run): tf.KernelConfig {
  return {
    kernelName: fallback.kernelName,
    backendName: NODE,
    kernelFunc: (args) => {
      const g = (args as KernelArguments).attrs as ConvGeometry;
      return (g.groups === 1 && g.batch > 0 ? run(args, g) : undefined) ?? fallback.kernelFunc(args);
    },
  };
}

export const forward = kernel(wasm.forward, tensorFlow.forward);

export const backwardInput = kernel(
  wasm.backwardInput,
  (args, g) => tensorFlow.backwardInput(args, g) ?? columnsBackwardData(args, g)[0],
);

export const backwardFilter = kernel(
  wasm.backwardFilter,
  (args, g) => tensorFlow.backwardFilter(args, g) ?? columnsBackwardFilter(args, g),
);
