/**
 * avgPool2d on WebGPU: forward, each output sums its pixels; backward, each pixel sums the contributions of its
 * outputs.
 */
import { elementwise } from '../../backends/webgpu/elements.js';
import { GEOMETRY } from '../../backends/webgpu/geometry.js';
import { POSITIONS } from '../../backends/webgpu/positions.js';
import { poolKernel, sumOverWindows } from '../pool2d/webgpu.js';
import { AVG_POOL2D } from './kernels.js';

const FORWARD = elementwise({
  key: 'avg_pool2d/forward',
  inputs: ['image'],
  integers: GEOMETRY,
  code: `${POSITIONS}
    fn element(i : i32) {
      let c = i % uniforms.outChannels;
      openPosition(i / uniforms.outChannels);
      let top = max(originY, 0);
      let left = max(originX, 0);
      let bottom = min(originY + uniforms.kernelHeight, uniforms.inHeight);
      let right = min(originX + uniforms.kernelWidth, uniforms.inWidth);
      var sum = 0.0;
      for (var y = top; y < bottom; y++) {
        let row = (batch * uniforms.inHeight + y) * uniforms.inWidth;
        for (var x = left; x < right; x++) {
          sum += image[(row + x) * uniforms.inChannels + c];
        }
      }
      result[i] = sum / f32((bottom - top) * (right - left));
    }`,
});

const BACKWARD = elementwise({
  key: 'avg_pool2d/backward',
  inputs: ['dy'],
  integers: GEOMETRY,
  code: `
    // Number of pixels along an axis in the window that starts at a position.
    fn countFrom(start : i32, kernel : i32, size : i32) -> i32 {
      return min(start + kernel, size) - max(start, 0);
    }
    ${sumOverWindows(`let rows = countFrom(shiftedY - uniforms.padTop, uniforms.kernelHeight, uniforms.inHeight);
          let columns = countFrom(shiftedX - uniforms.padLeft, uniforms.kernelWidth, uniforms.inWidth);
          sum += dy[at] / f32(rows * columns);`)}`,
});

export const forward = poolKernel(AVG_POOL2D.forward, ({ inputs, map }) => map(FORWARD, [inputs['x']!], 'windows'));

export const backward = poolKernel(AVG_POOL2D.backward, ({ inputs, map }) => map(BACKWARD, [inputs['dy']!], 'image'));
