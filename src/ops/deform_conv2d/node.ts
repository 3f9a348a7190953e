/**
 * deformConv2d on tfjs-node: samples on WebAssembly, matrix product in TensorFlow. The wasm kernels do all the work if
 * there are groups (a depthwise convolution is bound by the sampling, not the product), or if a sample outside the
 * image meets a factor that is not finite.
 */
import type * as tf from '@tensorflow/tfjs';
import { NODE } from '../../backends/node/adapter.js';
import { columnsBackwardData, columnsBackwardFilter, columnsForward } from '../../backends/node/columns.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import type { DeformGeometry } from './kernels.js';
import * as wasm from './wasm.js';

type Run = (args: KernelArguments, g: DeformGeometry) => tf.TensorInfo | tf.TensorInfo[] | undefined;

/** A kernel that multiplies with TensorFlow if that is possible and faster, and runs the wasm kernel otherwise. */
function kernel(own: Run, fallback: tf.KernelConfig): tf.KernelConfig {
  return {
    kernelName: fallback.kernelName,
    backendName: NODE,
    kernelFunc: (args) => {
      const g = (args as KernelArguments).attrs as DeformGeometry;
      const result = g.groups === 1 && g.inChannels > 1 && g.batch > 0 ? own(args, g) : undefined;
      return result ?? fallback.kernelFunc(args);
    },
  };
}

export const forward = kernel(columnsForward, wasm.forward);
export const backwardData = kernel(columnsBackwardData, wasm.backwardData);
export const backwardFilter = kernel(columnsBackwardFilter, wasm.backwardFilter);
