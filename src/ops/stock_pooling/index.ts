/**
 * The host's poolings and their gradients where they are wrong, for `accelerateStockLayers()` to put right ones in their place:
 * - gradients of averages with padding, everywhere but on tfjs-node: divided by the whole window at the border;
 * - gradients of maxima on wasm: misplaced or lost where a window has no positive value;
 * - gradients of maxima over three axes on cpu and webgpu: misplaced in windows that are not as high as wide;
 * - maxima over three axes on wasm: 0 where a window has no positive value.
 *
 * Poolings of one axis are those of two to the host.
 */
import * as tf from '@tensorflow/tfjs';
import type { ConvGeometry } from '../../kernel/geometry.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import * as averageCpu from '../avg_pool2d/cpu.js';
import * as averageWasm from '../avg_pool2d/wasm.js';
import * as averageWebGL from '../avg_pool2d/webgl.js';
import * as averageWebGPU from '../avg_pool2d/webgpu.js';
import * as maximumWasm from '../max_pool2d/wasm.js';
import { maxPool3dKernels } from './max_pool3d.js';
import type { StockPoolAttributes } from './names.js';
import { webgpuMaxPool3dGradient } from './webgpu_max_pool3d.js';

export { correctAveragePool3d } from './average_pool3d.js';

/** The host's own function resolves the window, so that forward and backward agree. */
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

/** A gradient of the host's under its name: `input` is our x. */
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
  ...[averageWasm, averageCpu, averageWebGL, averageWebGPU].map(({ backward }) =>
    stockGradient(tf.AvgPoolGrad, backward),
  ),
  ...maxPool3dKernels,
  webgpuMaxPool3dGradient,
];
