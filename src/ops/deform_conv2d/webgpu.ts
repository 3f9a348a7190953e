/**
 * deformConv2d on WebGPU. The forward pass and the filter gradient use the matrix product of conv2d on columns of
 * samples, or direct shaders if the convolution is depthwise. The data gradients come from column gradients, which are
 * stored for as many positions at a time as fit in a buffer, or recomputed in place if the convolution is depthwise: dx
 * by atomic additions, doffset and dmask from the inner products of the column gradients with each corner of every
 * sample.
 */
import type * as tf from '@tensorflow/tfjs';
import { allocate, dispose, hostOf, zeros, type WebGPUHost } from '../../backends/webgpu/adapter.js';
import { runColumnsProduct, runFilterProduct } from '../../backends/webgpu/column_products.js';
import { cleared, mapElements, runElements } from '../../backends/webgpu/elements.js';
import { positionsOf, tapsOf } from '../../backends/webgpu/geometry.js';
import { runProduct } from '../../backends/webgpu/matrix_product.js';
import { termsPerThread, sumRows } from '../../backends/webgpu/reduction.js';
import { isDepthwise } from '../../kernel/geometry.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { sizeOf } from '../../kernel/sizes.js';
import { DEFORM_CONV2D, type DeformGeometry } from './kernels.js';
import { deformUniforms } from './webgpu_samples.js';
import { COLUMN_GRADIENTS, CORNER_PRODUCTS, MASK_GRADIENT, MODULATED, PLAIN } from './webgpu_shaders.js';

/** The offset and, if there is one, the mask. */
function samplingInputs({ inputs, attrs }: KernelArguments): tf.TensorInfo[] {
  const { modulated } = attrs as DeformGeometry;
  return [inputs['offset']!, ...(modulated ? [inputs['mask']!] : [])];
}

export const forward: tf.KernelConfig = {
  kernelName: DEFORM_CONV2D.forward,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as DeformGeometry;
    const host = hostOf(args);
    const { x, filter, bias } = args.inputs;
    const shaders = g.modulated ? MODULATED : PLAIN;
    const read = [x!, ...samplingInputs(args)];
    const uniforms = deformUniforms(g);
    if (!isDepthwise(g)) return runColumnsProduct(host, shaders.forward, read, filter!, bias, g, uniforms);
    const { plain, biased } = shaders.depthwiseForward;
    const shape = [g.batch, g.outHeight, g.outWidth, g.outChannels];
    return bias === undefined
      ? mapElements(host, plain, [...read, filter!], shape, uniforms)
      : mapElements(host, biased, [...read, filter!, bias], shape, uniforms);
  },
};

/** Upper bound on the bytes of column gradients at a time, even if a buffer may be larger. */
const MOST_BYTES = 2 ** 27;

/** Number of positions whose column gradients and corner products fit in a buffer. */
function positionsAtOnce(host: WebGPUHost, g: DeformGeometry): number {
  const bytes = Math.min(host.device.limits.maxStorageBufferBindingSize, MOST_BYTES);
  const floats = tapsOf(g) * Math.max(g.inChannels, 4 * g.offsetGroups);
  return Math.min(Math.max(Math.floor(bytes / 4 / floats), 1), positionsOf(g));
}

export const backwardData: tf.KernelConfig = {
  kernelName: DEFORM_CONV2D.backwardData,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as DeformGeometry;
    const host = hostOf(args);
    const { x, offset, filter, dy } = args.inputs;
    const taps = tapsOf(g);
    const samples = g.offsetGroups * taps;
    const positions = positionsOf(g);
    const shape = [g.batch, g.inHeight, g.inWidth, g.inChannels];
    const dx = positions === 0 ? zeros(host, shape) : cleared(host, shape);
    const doffset = allocate(host, [g.batch, g.outHeight, g.outWidth, samples * 2]);
    const dmask = g.modulated ? allocate(host, [g.batch, g.outHeight, g.outWidth, samples]) : undefined;
    const outputs = dmask === undefined ? [dx, doffset] : [dx, doffset, dmask];
    if (positions === 0) return outputs;

    const rows = positionsAtOnce(host, g);
    const columns = isDepthwise(g) ? undefined : allocate(host, [rows, taps, g.inChannels]);
    const products = allocate(host, [rows, samples, 4]);
    const source = columns === undefined ? 'direct' : 'stored';
    const gradients = columns === undefined ? [dy!, filter!] : [columns];
    const read = samplingInputs(args);
    const { inputGradient, offsetGradient } = g.modulated ? MODULATED : PLAIN;
    for (let first = 0; first < positions; first += rows) {
      const count = Math.min(rows, positions - first);
      const uniforms = { ...deformUniforms(g), first };
      if (columns !== undefined) {
        const groupIn = g.inChannels / g.groups;
        const size = { slices: g.groups, rows: count, columns: taps * groupIn, depth: g.outChannels / g.groups };
        runProduct(host, COLUMN_GRADIENTS, [dy!, filter!], columns, size, uniforms);
      }
      const elements = count * taps * g.inChannels;
      runElements(host, inputGradient[source], [...read, ...gradients], dx, elements, uniforms);
      const cornerInputs = [x!, offset!, ...gradients];
      runElements(host, CORNER_PRODUCTS[source], cornerInputs, products, count * samples, uniforms);
      runElements(host, offsetGradient, [...read, products], doffset, count * samples, uniforms);
      if (dmask !== undefined) {
        runElements(host, MASK_GRADIENT, [offset!, products], dmask, count * samples, uniforms);
      }
    }
    dispose(host, products, ...(columns === undefined ? [] : [columns]));
    return outputs;
  },
};

export const backwardFilter: tf.KernelConfig = {
  kernelName: DEFORM_CONV2D.backwardFilter,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as DeformGeometry;
    const host = hostOf(args);
    const { x, dy } = args.inputs;
    const shaders = g.modulated ? MODULATED : PLAIN;
    const read = [x!, ...samplingInputs(args)];
    const uniforms = deformUniforms(g);
    if (!isDepthwise(g)) return runFilterProduct(host, shaders.filter, read, dy!, g, uniforms);
    const shape = [g.kernelHeight, g.kernelWidth, 1, g.outChannels];
    const size = sizeOf(shape);
    const positions = positionsOf(g);
    if (size === 0 || positions === 0) return zeros(host, shape);
    const chunk = termsPerThread(positions, size);
    const chunks = Math.ceil(positions / chunk);
    const sums = mapElements(host, shaders.depthwiseFilter, [...read, dy!], [chunks, size], { ...uniforms, chunk });
    return { ...sumRows(host, sums, chunks, size), shape };
  },
};
