/**
 * depthwiseConv2d on WebGPU: direct shaders, one thread per element; the filter gradient is summed over chunks of
 * positions.
 */
import type * as tf from '@tensorflow/tfjs';
import { hostOf, zeros } from '../../backends/webgpu/adapter.js';
import { elementwise, mapElements } from '../../backends/webgpu/elements.js';
import { GEOMETRY, geometryUniforms, positionsOf } from '../../backends/webgpu/geometry.js';
import { termsPerThread, sumRows } from '../../backends/webgpu/reduction.js';
import type { ConvGeometry } from '../../kernel/geometry.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { sizeOf } from '../../kernel/sizes.js';
import { DEPTHWISE_CONV2D } from './kernels.js';

const forwardShader = (bias: boolean) =>
  elementwise({
    key: `depthwise_conv2d/forward/${bias ? 'bias' : 'plain'}`,
    inputs: ['image', 'weights', ...(bias ? ['bias'] : [])],
    integers: [...GEOMETRY, 'multiplier'],
    code: `
      fn element(i : i32) {
        let c = i % uniforms.outChannels;
        let position = i / uniforms.outChannels;
        let line = position / uniforms.outWidth;
        let batch = line / uniforms.outHeight;
        let originY = (line - batch * uniforms.outHeight) * uniforms.strideHeight - uniforms.padTop;
        let originX = (position - line * uniforms.outWidth) * uniforms.strideWidth - uniforms.padLeft;
        let imageChannel = c / uniforms.multiplier;
        var sum = ${bias ? 'bias[c]' : '0.0'};
        for (var tapY = 0; tapY < uniforms.kernelHeight; tapY++) {
          let y = originY + tapY * uniforms.dilationHeight;
          if (y < 0 || y >= uniforms.inHeight) {
            continue;
          }
          let row = (batch * uniforms.inHeight + y) * uniforms.inWidth;
          for (var tapX = 0; tapX < uniforms.kernelWidth; tapX++) {
            let x = originX + tapX * uniforms.dilationWidth;
            if (x < 0 || x >= uniforms.inWidth) {
              continue;
            }
            sum += image[(row + x) * uniforms.inChannels + imageChannel]
              * weights[(tapY * uniforms.kernelWidth + tapX) * uniforms.outChannels + c];
          }
        }
        result[i] = sum;
      }`,
  });

const FORWARD = forwardShader(false);
const FORWARD_BIAS = forwardShader(true);

/** Each pixel gathers from the outputs whose taps read it. */
const BACKWARD_INPUT = elementwise({
  key: 'depthwise_conv2d/input',
  inputs: ['dy', 'weights'],
  integers: [...GEOMETRY, 'multiplier'],
  code: `
    fn element(i : i32) {
      let imageChannel = i % uniforms.inChannels;
      let pixel = i / uniforms.inChannels;
      let line = pixel / uniforms.inWidth;
      let batch = line / uniforms.inHeight;
      let fromY = line - batch * uniforms.inHeight + uniforms.padTop;
      let fromX = pixel - line * uniforms.inWidth + uniforms.padLeft;
      let firstChannel = imageChannel * uniforms.multiplier;
      var sum = 0.0;
      for (var tapY = 0; tapY < uniforms.kernelHeight; tapY++) {
        let shiftedY = fromY - tapY * uniforms.dilationHeight;
        let y = shiftedY / uniforms.strideHeight;
        if (shiftedY < 0 || y * uniforms.strideHeight != shiftedY || y >= uniforms.outHeight) {
          continue;
        }
        let row = (batch * uniforms.outHeight + y) * uniforms.outWidth;
        for (var tapX = 0; tapX < uniforms.kernelWidth; tapX++) {
          let shiftedX = fromX - tapX * uniforms.dilationWidth;
          let x = shiftedX / uniforms.strideWidth;
          if (shiftedX < 0 || x * uniforms.strideWidth != shiftedX || x >= uniforms.outWidth) {
            continue;
          }
          let dyAt = (row + x) * uniforms.outChannels + firstChannel;
          let weightAt = (tapY * uniforms.kernelWidth + tapX) * uniforms.outChannels + firstChannel;
          for (var m = 0; m < uniforms.multiplier; m++) {
            sum += dy[dyAt + m] * weights[weightAt + m];
          }
        }
      }
      result[i] = sum;
    }`,
});

/** Sums over chunks of positions, [chunks, taps, outChannels]. */
const BACKWARD_FILTER = elementwise({
  key: 'depthwise_conv2d/filter',
  inputs: ['image', 'dy'],
  integers: [...GEOMETRY, 'multiplier', 'chunk'],
  code: `
    fn element(i : i32) {
      let c = i % uniforms.outChannels;
      let tap = (i / uniforms.outChannels) % uniforms.taps;
      let first = (i / uniforms.outChannels / uniforms.taps) * uniforms.chunk;
      let tapY = (tap / uniforms.kernelWidth) * uniforms.dilationHeight - uniforms.padTop;
      let tapX = (tap % uniforms.kernelWidth) * uniforms.dilationWidth - uniforms.padLeft;
      let imageChannel = c / uniforms.multiplier;
      var sum = 0.0;
      for (var position = first; position < min(first + uniforms.chunk, uniforms.positions); position++) {
        let line = position / uniforms.outWidth;
        let batch = line / uniforms.outHeight;
        let y = (line - batch * uniforms.outHeight) * uniforms.strideHeight + tapY;
        let x = (position - line * uniforms.outWidth) * uniforms.strideWidth + tapX;
        if (y >= 0 && y < uniforms.inHeight && x >= 0 && x < uniforms.inWidth) {
          let pixel = (batch * uniforms.inHeight + y) * uniforms.inWidth + x;
          sum += image[pixel * uniforms.inChannels + imageChannel] * dy[position * uniforms.outChannels + c];
        }
      }
      result[i] = sum;
    }`,
});

const uniformsOf = (g: ConvGeometry) => ({ ...geometryUniforms(g), multiplier: g.outChannels / g.inChannels });

export const forward: tf.KernelConfig = {
  kernelName: DEPTHWISE_CONV2D.forward,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    const { x, filter, bias } = args.inputs;
    const shape = [g.batch, g.outHeight, g.outWidth, g.outChannels];
    return bias === undefined
      ? mapElements(hostOf(args), FORWARD, [x!, filter!], shape, uniformsOf(g))
      : mapElements(hostOf(args), FORWARD_BIAS, [x!, filter!, bias], shape, uniformsOf(g));
  },
};

export const backwardInput: tf.KernelConfig = {
  kernelName: DEPTHWISE_CONV2D.backwardInput,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    const { dy, filter } = args.inputs;
    const shape = [g.batch, g.inHeight, g.inWidth, g.inChannels];
    return mapElements(hostOf(args), BACKWARD_INPUT, [dy!, filter!], shape, uniformsOf(g));
  },
};

export const backwardFilter: tf.KernelConfig = {
  kernelName: DEPTHWISE_CONV2D.backwardFilter,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    const host = hostOf(args);
    const { x, dy } = args.inputs;
    const shape = [g.kernelHeight, g.kernelWidth, g.inChannels, g.outChannels / g.inChannels];
    const size = sizeOf(shape);
    const positions = positionsOf(g);
    if (size === 0 || positions === 0) return zeros(host, shape);
    const chunk = termsPerThread(positions, size);
    const chunks = Math.ceil(positions / chunk);
    const sums = mapElements(host, BACKWARD_FILTER, [x!, dy!], [chunks, size], { ...uniformsOf(g), chunk });
    return { ...sumRows(host, sums, chunks, size), shape };
  },
};
