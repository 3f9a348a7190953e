/**
 * depthwiseConv2d on WebGPU: direct shaders, whose threads compute several neighbouring results of four channels each; the
 * filter gradient is summed over chunks of rows. The input gradient of a convolution without strides is one with the
 * flipped filter.
 */
import type * as tf from '@tensorflow/tfjs';
import { allocate, hostOf, zeros, type Shader, type Uniforms, type WebGPUHost } from '../../backends/webgpu/adapter.js';
import { runElements } from '../../backends/webgpu/elements.js';
import { geometryUniforms, positionsOf, tapsOf } from '../../backends/webgpu/geometry.js';
import { depthwiseLanes, type Lanes } from '../../backends/webgpu/lanes.js';
import { sumRows } from '../../backends/webgpu/reduction.js';
import type { ConvGeometry } from '../../kernel/geometry.js';
import type { Precision } from '../../kernel/half.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { sizeOf } from '../../kernel/sizes.js';
import type { HalfGeometry } from '../half_operands.js';
import { halfResult } from '../half_webgpu.js';
import { DEPTHWISE_CONV2D, HALF_DEPTHWISE_CONV2D } from './kernels.js';
import { BACKWARD_FILTER, BACKWARD_INPUT, FORWARD, forwardShader, TILE_TAPS, TILE_WIDTH } from './webgpu_shaders.js';

/** The numbers of channels are those of lanes. */
function uniformsOf(g: ConvGeometry): Uniforms {
  const lanes = depthwiseLanes(g);
  const { inChannels, outChannels } = g;
  return {
    ...geometryUniforms(g),
    inChannels: inChannels / lanes,
    outChannels: outChannels / lanes,
    multiplier: outChannels / inChannels,
  };
}

/** Uniforms and number of threads of the forward shader. */
function planOf(g: ConvGeometry, flipped: 0 | 1): { readonly uniforms: Uniforms; readonly count: number } {
  const lanes = depthwiseLanes(g);
  const slides = g.dilationWidth % g.strideWidth === 0;
  const spacing = slides ? g.dilationWidth / g.strideWidth : 1;
  const tiles = Math.ceil(g.outWidth / (TILE_WIDTH * spacing)) * spacing;
  return {
    uniforms: { ...uniformsOf(g), spacing, slides: Number(slides), tiles, flipped },
    count: (g.batch * g.outHeight * tiles * g.outChannels) / lanes,
  };
}

function convolve(
  host: WebGPUHost,
  [x, filter, bias]: readonly (tf.TensorInfo | undefined)[],
  g: ConvGeometry,
  flipped: 0 | 1,
): tf.TensorInfo {
  const lanes = depthwiseLanes(g);
  const { uniforms, count } = planOf(g, flipped);
  const y = allocate(host, [g.batch, g.outHeight, g.outWidth, g.outChannels]);
  if (bias === undefined) runElements(host, FORWARD.plain[lanes], [x!, filter!], y, count, uniforms);
  else runElements(host, FORWARD.biased[lanes], [x!, filter!, bias], y, count, uniforms);
  return y;
}

/** The convolution of `dy` that is the input gradient of one without strides. */
function transposed(g: ConvGeometry): ConvGeometry {
  return {
    ...g,
    inHeight: g.outHeight,
    inWidth: g.outWidth,
    outHeight: g.inHeight,
    outWidth: g.inWidth,
    padTop: (g.kernelHeight - 1) * g.dilationHeight - g.padTop,
    padLeft: (g.kernelWidth - 1) * g.dilationWidth - g.padLeft,
  };
}

export const forward: tf.KernelConfig = {
  kernelName: DEPTHWISE_CONV2D.forward,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const { x, filter, bias } = args.inputs;
    return convolve(hostOf(args), [x, filter, bias], args.attrs as ConvGeometry, 0);
  },
};

/** Forward shaders with a filter in half precision, made when they are first used. */
const HALF = new Map<string, Shader>();

function halfShader(image: Precision, result: Precision, bias: boolean, lanes: Lanes): Shader {
  const key = `${image} ${result} ${bias} ${lanes}`;
  const shader = HALF.get(key) ?? forwardShader({ bias, image, weights: 'half', result }, lanes);
  HALF.set(key, shader);
  return shader;
}

export const half: tf.KernelConfig = {
  kernelName: HALF_DEPTHWISE_CONV2D.forward,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as HalfGeometry;
    const { x, filter, bias } = args.inputs;
    const lanes = depthwiseLanes(g);
    const { uniforms, count } = planOf(g, 0);
    return halfResult(args, lanes === 4, (y, result) => {
      const operands = [x!, filter!, ...(bias === undefined ? [] : [bias])];
      const shader = halfShader(g.image, result, bias !== undefined, lanes);
      runElements(hostOf(args), shader, operands, y, count, uniforms);
    });
  },
};

export const backwardInput: tf.KernelConfig = {
  kernelName: DEPTHWISE_CONV2D.backwardInput,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    const host = hostOf(args);
    const { dy, filter } = args.inputs;
    const shape = [g.batch, g.inHeight, g.inWidth, g.inChannels];
    if (positionsOf(g) === 0) return zeros(host, shape);
    if (g.strideHeight === 1 && g.strideWidth === 1 && g.inChannels === g.outChannels) {
      return convolve(host, [dy, filter], transposed(g), 1);
    }
    const dx = allocate(host, shape);
    const lanes = depthwiseLanes(g);
    runElements(host, BACKWARD_INPUT[lanes], [dy!, filter!], dx, sizeOf(shape) / lanes, uniformsOf(g));
    return dx;
  },
};

/** Greatest number of outputs in a segment of a row. */
const MOST_OF_SEGMENT = 64;

/** Least number of outputs that a thread sums. */
const LEAST_OF_THREAD = 32;

/** Number of threads that keeps a device busy. */
const ENOUGH = 2 ** 16;

export const backwardFilter: tf.KernelConfig = {
  kernelName: DEPTHWISE_CONV2D.backwardFilter,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    const host = hostOf(args);
    const { x, dy } = args.inputs;
    const shape = [g.kernelHeight, g.kernelWidth, g.inChannels, g.outChannels / g.inChannels];
    const size = sizeOf(shape);
    if (size === 0 || positionsOf(g) === 0) return zeros(host, shape);
    const lanes = depthwiseLanes(g);
    const segmentsOfRow = Math.ceil(g.outWidth / MOST_OF_SEGMENT);
    const segment = Math.ceil(g.outWidth / segmentsOfRow);
    const segments = g.batch * g.outHeight * segmentsOfRow;
    const tapTiles = Math.ceil(g.kernelWidth / TILE_TAPS);
    const threads = (g.kernelHeight * tapTiles * g.outChannels) / lanes;
    const run = Math.max(Math.ceil(LEAST_OF_THREAD / segment), Math.ceil((segments * threads) / ENOUGH));
    const chunks = Math.ceil(segments / run);
    const sums = allocate(host, [chunks, size]);
    const uniforms = { ...uniformsOf(g), segments, segment, segmentsOfRow, run, tapTiles };
    runElements(host, BACKWARD_FILTER[lanes], [x!, dy!], sums, chunks * threads, uniforms);
    return { ...sumRows(host, sums, chunks, tapsOf(g) * g.outChannels), shape };
  },
};
