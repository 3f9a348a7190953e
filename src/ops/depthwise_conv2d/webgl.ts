/** depthwiseConv2d on WebGL: every element sums its own taps, without columns. */
import type * as tf from '@tensorflow/tfjs';
import { runWebGLSingle } from '../../backends/webgl/adapter.js';
import { GEOMETRY, ORIGIN } from '../../backends/webgl/geometry.js';
import { shader } from '../../backends/webgl/shader.js';
import { chunksOf, sumChunks } from '../../backends/webgl/sums.js';
import type { ConvGeometry } from '../../kernel/geometry.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { DEPTHWISE_CONV2D } from './kernels.js';

const forwardShader = shader(
  'flat',
  { image: 'flat', weights: 'flat', bias: 'flat' },
  [...GEOMETRY, 'biased'],
  `${ORIGIN}
float value(int index) {
  int channel = index % outChannels;
  int source = channel / (outChannels / inChannels);
  ivec3 origin = originOf(index / outChannels);
  float sum = biased == 1 ? bias(channel) : 0.0;
  for (int ky = 0; ky < kernelHeight; ky++) {
    int y = origin.y + ky * dilationHeight;
    if (y < 0 || y >= inHeight) continue;
    for (int kx = 0; kx < kernelWidth; kx++) {
      int x = origin.z + kx * dilationWidth;
      if (x < 0 || x >= inWidth) continue;
      float pixel = image(((origin.x * inHeight + y) * inWidth + x) * inChannels + source);
      sum += pixel * weights((ky * kernelWidth + kx) * outChannels + channel);
    }
  }
  return sum;
}`,
);

const inputShader = shader(
  'flat',
  { upstream: 'flat', weights: 'flat' },
  GEOMETRY,
  `
float value(int index) {
  int pixel = index / inChannels;
  int multiplier = outChannels / inChannels;
  int channel = index % inChannels * multiplier;
  int x = pixel % inWidth + padLeft;
  int y = pixel / inWidth % inHeight + padTop;
  int image = pixel / inWidth / inHeight;
  float sum = 0.0;
  for (int ky = 0; ky < kernelHeight; ky++) {
    int down = y - ky * dilationHeight;
    if (down < 0 || down % strideHeight != 0 || down / strideHeight >= outHeight) continue;
    int row = (image * outHeight + down / strideHeight) * outWidth;
    for (int kx = 0; kx < kernelWidth; kx++) {
      int right = x - kx * dilationWidth;
      if (right < 0 || right % strideWidth != 0 || right / strideWidth >= outWidth) continue;
      int from = (row + right / strideWidth) * outChannels + channel;
      int by = (ky * kernelWidth + kx) * outChannels + channel;
      for (int m = 0; m < multiplier; m++) sum += upstream(from + m) * weights(by + m);
    }
  }
  return sum;
}`,
);

/** Sums over chunks of positions, [chunks, taps · outChannels]. */
const filterShader = shader(
  'flat',
  { image: 'flat', upstream: 'flat' },
  [...GEOMETRY, 'rows', 'extent'],
  `${ORIGIN}
float value(int index) {
  int columns = kernelHeight * kernelWidth * outChannels;
  int channel = index % outChannels;
  int tap = index % columns / outChannels;
  int source = channel / (outChannels / inChannels);
  int start = index / columns * extent;
  int end = min(start + extent, rows);
  float sum = 0.0;
  for (int position = start; position < end; position++) {
    ivec3 origin = originOf(position);
    int y = origin.y + tap / kernelWidth * dilationHeight;
    int x = origin.z + tap % kernelWidth * dilationWidth;
    if (y < 0 || y >= inHeight || x < 0 || x >= inWidth) continue;
    float pixel = image(((origin.x * inHeight + y) * inWidth + x) * inChannels + source);
    sum += pixel * upstream(position * outChannels + channel);
  }
  return sum;
}`,
);

export const forward: tf.KernelConfig = {
  kernelName: DEPTHWISE_CONV2D.forward,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    return runWebGLSingle(args, (call) => {
      const inputs = { image: call.input('x'), weights: call.input('filter'), bias: call.input('bias') };
      const ints = { ...g, biased: args.inputs['bias'] === undefined ? 0 : 1 };
      const target = call.output([g.batch, g.outHeight, g.outWidth, g.outChannels]);
      call.draw(forwardShader, { inputs, ints, target });
    });
  },
};

export const backwardInput: tf.KernelConfig = {
  kernelName: DEPTHWISE_CONV2D.backwardInput,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    return runWebGLSingle(args, (call) => {
      const inputs = { upstream: call.input('dy'), weights: call.input('filter') };
      const target = call.output([g.batch, g.inHeight, g.inWidth, g.inChannels]);
      call.draw(inputShader, { inputs, ints: { ...g }, target });
    });
  },
};

export const backwardFilter: tf.KernelConfig = {
  kernelName: DEPTHWISE_CONV2D.backwardFilter,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    return runWebGLSingle(args, (call) => {
      const inputs = { image: call.input('x'), upstream: call.input('dy') };
      const chunks = chunksOf(g.batch * g.outHeight * g.outWidth);
      const partial = call.flat(chunks.count * g.kernelHeight * g.kernelWidth * g.outChannels);
      call.draw(filterShader, { inputs, ints: { ...g, ...chunks }, target: partial });
      const multiplier = g.outChannels / g.inChannels;
      const dfilter = call.output([g.kernelHeight, g.kernelWidth, g.inChannels, multiplier]);
      sumChunks(call, partial, chunks, dfilter);
    });
  },
};
