/**
 * deformConv2d on WebGPU. The forward pass and the filter gradient use the matrix product of conv2d on columns of
 * samples. The product for the column gradients stores none: each workgroup scatters its tile of them to dx, by atomic
 * additions, and sums what it adds to doffset and dmask. Depthwise convolutions have shaders of their own.
 */
import type * as tf from '@tensorflow/tfjs';
import { allocate, hostOf, zeros } from '../../backends/webgpu/adapter.js';
import { runColumnsProduct, runFilterProduct } from '../../backends/webgpu/column_products.js';
import { cleared } from '../../backends/webgpu/elements.js';
import { positionsOf, tapsOf } from '../../backends/webgpu/geometry.js';
import { isDepthwise } from '../../kernel/geometry.js';
import type { Precision } from '../../kernel/half.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { DEFORM_CONV2D, HALF_DEFORM_CONV2D, type DeformGeometry } from './kernels.js';
import { runColumnGradients } from './webgpu_column_gradients.js';
import { runDepthwise, runDepthwiseData, runDepthwiseFilter } from './webgpu_depthwise.js';
import { MODULATED, PLAIN } from './webgpu_columns.js';
import { deformUniforms } from './webgpu_samples.js';

/** The offset and, if there is one, the mask. */
function samplingInputs({ inputs, attrs }: KernelArguments): tf.TensorInfo[] {
  const { modulated } = attrs as DeformGeometry;
  return [inputs['offset']!, ...(modulated ? [inputs['mask']!] : [])];
}

/** Runs the forward pass with a filter in this precision. */
function convolve(args: KernelArguments, precision: Precision): tf.TensorInfo {
  const g = args.attrs as DeformGeometry;
  const host = hostOf(args);
  const { x, filter, bias } = args.inputs;
  const shaders = g.modulated ? MODULATED : PLAIN;
  const read = [x!, ...samplingInputs(args)];
  if (isDepthwise(g)) return runDepthwise(host, read, { weights: filter!, precision, bias }, g);
  const product = precision === 'half' ? shaders.half : shaders.forward;
  return runColumnsProduct(host, product, read, filter!, bias, g, deformUniforms(g));
}

export const forward: tf.KernelConfig = {
  kernelName: DEFORM_CONV2D.forward,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => convolve(args, 'single'),
};

export const half: tf.KernelConfig = {
  kernelName: HALF_DEFORM_CONV2D.forward,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => convolve(args, 'half'),
};

export const backwardData: tf.KernelConfig = {
  kernelName: DEFORM_CONV2D.backwardData,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as DeformGeometry;
    const host = hostOf(args);
    const { x, filter, dy } = args.inputs;
    const samples = g.offsetGroups * tapsOf(g);
    const image = [g.batch, g.inHeight, g.inWidth, g.inChannels];
    const offsets = [g.batch, g.outHeight, g.outWidth, samples * 2];
    const masks = [g.batch, g.outHeight, g.outWidth, samples];
    const read = [x!, ...samplingInputs(args)];
    if (positionsOf(g) === 0) {
      return [image, offsets, ...(g.modulated ? [masks] : [])].map((shape) => zeros(host, shape));
    }
    if (isDepthwise(g)) {
      const dx = cleared(host, image);
      const targets = [allocate(host, offsets), ...(g.modulated ? [allocate(host, masks)] : [])];
      runDepthwiseData(host, read, filter!, dy!, [dx, ...targets], g);
      return [dx, ...targets];
    }
    const gradients = [image, offsets, ...(g.modulated ? [masks] : [])].map((shape) => cleared(host, shape));
    runColumnGradients(host, read, filter!, dy!, gradients, g);
    return gradients;
  },
};

export const backwardFilter: tf.KernelConfig = {
  kernelName: DEFORM_CONV2D.backwardFilter,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as DeformGeometry;
    const host = hostOf(args);
    const { x, dy } = args.inputs;
    const read = [x!, ...samplingInputs(args)];
    if (isDepthwise(g)) return runDepthwiseFilter(host, read, dy!, g);
    const { filter } = g.modulated ? MODULATED : PLAIN;
    return runFilterProduct(host, filter, read, dy!, g, deformUniforms(g));
  },
};
