/** maxPool2d on WebGL: finds the largest tap of every window, from which values and gradients follow. */
import type * as tf from '@tensorflow/tfjs';
import { runWebGLSingle, type WebGLCall } from '../../backends/webgl/adapter.js';
import { GEOMETRY, ORIGIN } from '../../backends/webgl/geometry.js';
import type { Surface } from '../../backends/webgl/program.js';
import { shader } from '../../backends/webgl/shader.js';
import type { ConvGeometry } from '../../kernel/geometry.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { MAX_POOL2D } from './kernels.js';

/** Maximum of a window and its tap, in row-major order. */
const LARGEST = `${ORIGIN}
float largest;
float largestTap;
// Compilers may optimise isnan away, so the bits are tested.
bool isUndefined(float value) {
  return (floatBitsToUint(value) & 0x7fffffffu) > 0x7f800000u;
}
void findLargest(int index) {
  int channel = index % outChannels;
  ivec3 origin = originOf(index / outChannels);
  largest = 0.0;
  largestTap = -1.0;
  for (int ky = max(-origin.y, 0); ky < min(kernelHeight, inHeight - origin.y); ky++) {
    for (int kx = max(-origin.z, 0); kx < min(kernelWidth, inWidth - origin.z); kx++) {
      int pixel = (origin.x * inHeight + origin.y + ky) * inWidth + origin.z + kx;
      float value = image(pixel * inChannels + channel);
      bool undefinedNow = isUndefined(value);
      if (undefinedNow || largestTap < 0.0 || (!isUndefined(largest) && value > largest)) {
        largest = value;
        largestTap = float(ky * kernelWidth + kx);
      }
    }
  }
}`;

const forwardShader = shader(
  'flat',
  { image: 'flat' },
  GEOMETRY,
  `${LARGEST}
float value(int index) {
  findLargest(index);
  return largest;
}`,
);

const tapShader = shader(
  'flat',
  { image: 'flat' },
  GEOMETRY,
  `${LARGEST}
float value(int index) {
  findLargest(index);
  return largestTap;
}`,
);

/** Every pixel gathers from the windows of which it is the maximum. */
const backwardShader = shader(
  'flat',
  { taps: 'flat', upstream: 'flat' },
  GEOMETRY,
  `
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
    for (int kx = 0; kx < kernelWidth; kx++) {
      int right = x - kx;
      if (right < 0 || right % strideWidth != 0 || right / strideWidth >= outWidth) continue;
      int from = (row + right / strideWidth) * outChannels + channel;
      if (int(taps(from)) == ky * kernelWidth + kx) sum += upstream(from);
    }
  }
  return sum;
}`,
);

const selectShader = shader(
  'flat',
  { taps: 'flat', image: 'flat' },
  GEOMETRY,
  `${ORIGIN}
float value(int index) {
  int tap = int(taps(index));
  ivec3 origin = originOf(index / outChannels) + ivec3(0, tap / kernelWidth, tap % kernelWidth);
  int pixel = (origin.x * inHeight + origin.y) * inWidth + origin.z;
  return image(pixel * inChannels + index % outChannels);
}`,
);

function largestTaps(call: WebGLCall, g: ConvGeometry): Surface {
  const taps = call.flat(g.batch * g.outHeight * g.outWidth * g.outChannels);
  call.draw(tapShader, { inputs: { image: call.input('x') }, ints: { ...g }, target: taps });
  return taps;
}

export const forward: tf.KernelConfig = {
  kernelName: MAX_POOL2D.forward,
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
  kernelName: MAX_POOL2D.backward,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    return runWebGLSingle(args, (call) => {
      const inputs = { taps: largestTaps(call, g), upstream: call.input('dy') };
      const target = call.output([g.batch, g.inHeight, g.inWidth, g.inChannels]);
      call.draw(backwardShader, { inputs, ints: { ...g }, target });
    });
  },
};

export const select: tf.KernelConfig = {
  kernelName: MAX_POOL2D.select,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    return runWebGLSingle(args, (call) => {
      const inputs = { taps: largestTaps(call, g), image: call.input('values') };
      const target = call.output([g.batch, g.outHeight, g.outWidth, g.outChannels]);
      call.draw(selectShader, { inputs, ints: { ...g }, target });
    });
  },
};
