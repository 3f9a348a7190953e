/**
 * Correct versions of the TensorFlow.js pooling kernels and gradients that are wrong, installed by
 * `accelerateStockLayers()`:
 * - gradients of average pooling with padding: divided by the whole window at the border, or, on tfjs-node, added to
 *   wrong pixels if the window is longer than the image;
 * - gradients of max pooling on wasm: misplaced or lost if a window has no positive value;
 * - gradients of 3-D max pooling on cpu and webgpu: misplaced in windows whose height and width differ;
 * - 3-D max pooling on wasm: 0 if a window has no positive value.
 *
 * TensorFlow.js runs 1-D pooling as 2-D.
 */
import * as tf from '@tensorflow/tfjs';
import type { ConvGeometry } from '../../kernel/geometry.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import * as averageCpu from '../avg_pool2d/cpu.js';
import * as averageNode from '../avg_pool2d/node.js';
import * as averageWasm from '../avg_pool2d/wasm.js';
import * as averageWebGL from '../avg_pool2d/webgl.js';
import * as averageWebGPU from '../avg_pool2d/webgpu.js';
import * as maximumWasm from '../max_pool2d/wasm.js';
import { maxPool3dKernels } from './max_pool3d.js';
import type { StockPoolAttributes } from './windows.js';
import { webgpuMaxPool3dGradient } from './webgpu_max_pool3d.js';

export { correctAveragePool3d } from './average_pool3d.js';

/** Geometry of a call, resolved by the function of TensorFlow.js so that forward and backward agree. */
function geometryOf({ inputs, attrs }: KernelArguments): ConvGeometry {
  const { filterSize, strides, pad } = attrs as StockPoolAttributes<[number, number]>;
  const shape = inputs['input']!.shape as [number, number, number, number];
  const info = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad);
  const { inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, strideHeight, strideWidth, padInfo } = info;
  return {
    ...{ batch: info.batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels },
    ...{ kernelHeight: info.filterHeight, kernelWidth: info.filterWidth, strideHeight, strideWidth },
    ...{ dilationHeight: 1, dilationWidth: 1, padTop: padInfo.top, padBottom: padInfo.bottom },
    ...{ padLeft: padInfo.left, padRight: padInfo.right, groups: inChannels },
  };
}

/** Registers our gradient under the name of the stock one, whose `input` is our x. */
function stockGradient(kernelName: string, own: tf.KernelConfig): tf.KernelConfig {
  return {
    kernelName,
    backendName: own.backendName,
    kernelFunc: (args: KernelArguments) => {
      const { dy, input } = args.inputs;
      const geometry: object = geometryOf(args);
      const call = { ...args, inputs: { dy, x: input }, attrs: geometry as tf.NamedAttrMap };
      return own.kernelFunc(call as Parameters<tf.KernelFunc>[0]);
    },
  };
}

export const STOCK_POOLING_KERNELS: readonly tf.KernelConfig[] = [
  stockGradient(tf.MaxPoolGrad, maximumWasm.backward),
  ...[averageWasm, averageCpu, averageNode, averageWebGL, averageWebGPU].map(({ backward }) =>
    stockGradient(tf.AvgPoolGrad, backward),
  ),
  ...maxPool3dKernels,
  webgpuMaxPool3dGradient,
];
