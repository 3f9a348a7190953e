/** maxPool2d on WebGL: finds the largest tap of every window, from which values and gradients follow. */
import type { WebGLCall } from '../../backends/webgl/adapter.js';
import { GEOMETRY, ORIGIN } from '../../backends/webgl/geometry.js';
import type { Surface } from '../../backends/webgl/program.js';
import { shader } from '../../backends/webgl/shader.js';
import type { ConvGeometry } from '../../kernel/geometry.js';
import { poolKernel, sumOverWindows } from '../pool2d/webgl.js';
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
  for (int tapY = max(-origin.y, 0); tapY < min(kernelHeight, inHeight - origin.y); tapY++) {
    for (int tapX = max(-origin.z, 0); tapX < min(kernelWidth, inWidth - origin.z); tapX++) {
      int pixel = (origin.x * inHeight + origin.y + tapY) * inWidth + origin.z + tapX;
      float value = image(pixel * inChannels + channel);
      bool undefinedNow = isUndefined(value);
      if (undefinedNow || largestTap < 0.0 || (!isUndefined(largest) && value > largest)) {
        largest = value;
        largestTap = float(tapY * kernelWidth + tapX);
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
  sumOverWindows('if (int(taps(at)) == tapY * kernelWidth + tapX) sum += upstream(at);'),
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

export const forward = poolKernel(MAX_POOL2D.forward, 'windows', (call, g, target) => {
  call.draw(forwardShader, { inputs: { image: call.input('x') }, ints: { ...g }, target });
});

export const backward = poolKernel(MAX_POOL2D.backward, 'image', (call, g, target) => {
  const inputs = { taps: largestTaps(call, g), upstream: call.input('dy') };
  call.draw(backwardShader, { inputs, ints: { ...g }, target });
});

export const select = poolKernel(MAX_POOL2D.select, 'windows', (call, g, target) => {
  const inputs = { taps: largestTaps(call, g), image: call.input('values') };
  call.draw(selectShader, { inputs, ints: { ...g }, target });
});
