/**
 * avgPool2d on WebGL: forward, each output sums its pixels; backward, each pixel sums the contributions of its outputs.
 */
import { GEOMETRY, ORIGIN } from '../../backends/webgl/geometry.js';
import { shader } from '../../backends/webgl/shader.js';
import { poolKernel, sumOverWindows } from '../pool2d/webgl.js';
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
${sumOverWindows(`int rows = countFrom(shiftedY - padTop, kernelHeight, inHeight);
      int columns = countFrom(shiftedX - padLeft, kernelWidth, inWidth);
      sum += upstream(at) / float(rows * columns);`)}`,
);

export const forward = poolKernel(AVG_POOL2D.forward, 'windows', (call, g, target) => {
  call.draw(forwardShader, { inputs: { image: call.input('x') }, ints: { ...g }, target });
});

export const backward = poolKernel(AVG_POOL2D.backward, 'image', (call, g, target) => {
  call.draw(backwardShader, { inputs: { upstream: call.input('dy') }, ints: { ...g }, target });
});
