/**
 * avgPool2d on WebGPU: forward, each output sums its pixels; backward, each pixel sums the contributions of its
 * outputs.
 */
import type * as tf from '@tensorflow/tfjs';
import { hostOf } from '../../backends/webgpu/adapter.js';
import { elementwise, mapElements } from '../../backends/webgpu/elements.js';
import { GEOMETRY, geometryUniforms } from '../../backends/webgpu/geometry.js';
import type { ConvGeometry } from '../../kernel/geometry.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { AVG_POOL2D } from './kernels.js';

const FORWARD = elementwise({
  key: 'avg_pool2d/forward',
  inputs: ['image'],
  integers: GEOMETRY,
  code: `
    fn element(i : i32) {
      let c = i % uniforms.outChannels;
      let position = i / uniforms.outChannels;
      let line = position / uniforms.outWidth;
      let batch = line / uniforms.outHeight;
      let originY = (line - batch * uniforms.outHeight) * uniforms.strideHeight - uniforms.padTop;
      let originX = (position - line * uniforms.outWidth) * uniforms.strideWidth - uniforms.padLeft;
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
    fn element(i : i32) {
      let c = i % uniforms.inChannels;
      let pixel = i / uniforms.inChannels;
      let line = pixel / uniforms.inWidth;
      let batch = line / uniforms.inHeight;
      let fromY = line - batch * uniforms.inHeight + uniforms.padTop;
      let fromX = pixel - line * uniforms.inWidth + uniforms.padLeft;
      var sum = 0.0;
      for (var tapY = 0; tapY < uniforms.kernelHeight; tapY++) {
        let shiftedY = fromY - tapY;
        let y = shiftedY / uniforms.strideHeight;
        if (shiftedY < 0 || y * uniforms.strideHeight != shiftedY || y >= uniforms.outHeight) {
          continue;
        }
        let row = (batch * uniforms.outHeight + y) * uniforms.outWidth;
        let rows = countFrom(shiftedY - uniforms.padTop, uniforms.kernelHeight, uniforms.inHeight);
        for (var tapX = 0; tapX < uniforms.kernelWidth; tapX++) {
          let shiftedX = fromX - tapX;
          let x = shiftedX / uniforms.strideWidth;
          if (shiftedX < 0 || x * uniforms.strideWidth != shiftedX || x >= uniforms.outWidth) {
            continue;
          }
          let columns = countFrom(shiftedX - uniforms.padLeft, uniforms.kernelWidth, uniforms.inWidth);
          sum += dy[(row + x) * uniforms.outChannels + c] / f32(rows * columns);
        }
      }
      result[i] = sum;
    }`,
});

export const forward: tf.KernelConfig = {
  kernelName: AVG_POOL2D.forward,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    const shape = [g.batch, g.outHeight, g.outWidth, g.outChannels];
    return mapElements(hostOf(args), FORWARD, [args.inputs['x']!], shape, geometryUniforms(g));
  },
};

export const backward: tf.KernelConfig = {
  kernelName: AVG_POOL2D.backward,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    const shape = [g.batch, g.inHeight, g.inWidth, g.inChannels];
    return mapElements(hostOf(args), BACKWARD, [args.inputs['dy']!], shape, geometryUniforms(g));
  },
};
