/**
 * avgPool2d on WebGL: forward, each output sums its pixels; backward, each pixel sums the contributions of its outputs.
 */
import type * as tf from '@tensorflow/tfjs';
import { runWebGLSingle } from '../../backends/webgl/adapter.js';
import { GEOMETRY, ORIGIN } from '../../backends/webgl/geometry.js';
import { shader } from '../../backends/webgl/shader.js';
import type { ConvGeometry } from '../../kernel/geometry.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { AVG_POOL2D } from './kernels.js';

const forwardShader = shader(
  'flat',
  { image: 'flat' },
  GEOMETRY,
  `${ORIGIN}
float value(int index) {
  int channel = index % outChannels;
  ivec3 origin = originOf(index / outChannels);
  ivec2 from = max(origin.yz, ivec2(0));
  ivec2 to = min(origin.yz + ivec2(kernelHeight, kernelWidth), ivec2(inHeight, inWidth));
  float sum = 0.0;
  for (int y = from.x; y < to.x; y++) {
    for (int x = from.y; x < to.y; x++) {
      sum += image(((origin.x * inHeight + y) * inWidth + x) * inChannels + channel);
    }
  }
  return sum / float((to.x - from.x) * (to.y - from.y));
}`,
);

const backwardShader = shader(
  'flat',
  { upstream: 'flat' },
  GEOMETRY,
  `
// Number of pixels along an axis in the window that starts at a position.
int countFrom(int start, int kernel, int size) {
  return min(start + kernel, size) - max(start, 0);
}
float value(int index) {
  int pixel = index / inChannels;
  int channel = index % inChannels;
  int x = pixel % inWidth + padLeft;
  int y = pixel / inWidth % inHeight + padTop;
  int image = pixel / inWidth / inHeight;
  float sum = 0.0;
  for (int ky = 0; ky < kernelHeight; ky++) {
    int down = y - ky;
    if (down < 0 || down % strideHeight != 0 || down / strideHeight >= outHeight) continue;
    int row = (image * outHeight + down / strideHeight) * outWidth;
    int rows = countFrom(down - padTop, kernelHeight, inHeight);
    for (int kx = 0; kx < kernelWidth; kx++) {
      int right = x - kx;
      if (right < 0 || right % strideWidth != 0 || right / strideWidth >= outWidth) continue;
      int columns = countFrom(right - padLeft, kernelWidth, inWidth);
      sum += upstream((row + right / strideWidth) * outChannels + channel) / float(rows * columns);
    }
  }
  return sum;
}`,
);

export const forward: tf.KernelConfig = {
  kernelName: AVG_POOL2D.forward,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    return runWebGLSingle(args, (call) => {
      const target = call.output([g.batch, g.outHeight, g.outWidth, g.outChannels]);
      call.draw(forwardShader, { inputs: { image: call.input('x') }, ints: { ...g }, target });
    });
  },
};

export const backward: tf.KernelConfig = {
  kernelName: AVG_POOL2D.backward,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    return runWebGLSingle(args, (call) => {
      const target = call.output([g.batch, g.inHeight, g.inWidth, g.inChannels]);
      call.draw(backwardShader, { inputs: { upstream: call.input('dy') }, ints: { ...g }, target });
    });
  },
};
