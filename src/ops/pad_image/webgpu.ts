/** padImage on WebGPU. */
import type * as tf from '@tensorflow/tfjs';
import { hostOf } from '../../backends/webgpu/adapter.js';
import { elementwise, mapElements } from '../../backends/webgpu/elements.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { PAD_IMAGE, PAD_SIZES, padOf } from './kernels.js';

const FORWARD = elementwise({
  key: 'pad_image/forward',
  inputs: ['image'],
  integers: PAD_SIZES,
  code: `
    fn sourceOf(at : i32, size : i32) -> i32 {
      if (at >= 0 && at < size) {
        return at;
      }
      if (uniforms.mode == 1) {
        return select(size - 1, 0, at < 0);
      }
      if (uniforms.mode == 2) {
        return select(at - size, at + size, at < 0);
      }
      return select(2 * (size - 1) - at, -at, at < 0);
    }
    fn element(i : i32) {
      let pixel = i / uniforms.channels;
      let row = pixel / uniforms.outWidth;
      let y = row / uniforms.outHeight * uniforms.inHeight
        + sourceOf(row % uniforms.outHeight - uniforms.top, uniforms.inHeight);
      let x = sourceOf(pixel % uniforms.outWidth - uniforms.left, uniforms.inWidth);
      result[i] = image[(y * uniforms.inWidth + x) * uniforms.channels + i % uniforms.channels];
    }`,
});

const BACKWARD = elementwise({
  key: 'pad_image/backward',
  inputs: ['dy'],
  integers: PAD_SIZES,
  code: `
    // Positions of the copies of a row or column: inside the image (0), in the padding before it (1) and after it (2).
    fn copiesOf(part : i32, at : i32, size : i32, before : i32, padded : i32) -> vec2<i32> {
      if (part == 0) {
        return vec2<i32>(before + at, before + at + 1);
      }
      let end = before + size;
      if (uniforms.mode == 1) {
        if (part == 1) {
          return vec2<i32>(0, select(0, before, at == 0));
        }
        return vec2<i32>(end, select(end, padded, at == size - 1));
      }
      var copy = select(end + size - 2 - at, before - at, part == 1);
      if (uniforms.mode == 2) {
        copy = select(at + end, at + before - size, part == 1);
      }
      let first = select(end, 0, part == 1);
      let last = select(padded, before, part == 1);
      return vec2<i32>(copy, select(copy, copy + 1, copy >= first && copy < last));
    }
    fn element(i : i32) {
      let pixel = i / uniforms.channels;
      let row = pixel / uniforms.inWidth;
      let first = row / uniforms.inHeight * uniforms.outHeight;
      var sum = 0.0;
      for (var part = 0; part < 9; part++) {
        let rows = copiesOf(part / 3, row % uniforms.inHeight, uniforms.inHeight, uniforms.top, uniforms.outHeight);
        let columns = copiesOf(part % 3, pixel % uniforms.inWidth, uniforms.inWidth, uniforms.left, uniforms.outWidth);
        for (var y = rows.x; y < rows.y; y++) {
          for (var x = columns.x; x < columns.y; x++) {
            sum += dy[((first + y) * uniforms.outWidth + x) * uniforms.channels + i % uniforms.channels];
          }
        }
      }
      result[i] = sum;
    }`,
});

export const forward: tf.KernelConfig = {
  kernelName: PAD_IMAGE.forward,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const { sizes, outShape } = padOf(args);
    return mapElements(hostOf(args), FORWARD, [args.inputs['x']!], outShape, { ...sizes });
  },
};

export const backward: tf.KernelConfig = {
  kernelName: PAD_IMAGE.backward,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const { sizes, inShape } = padOf(args);
    return mapElements(hostOf(args), BACKWARD, [args.inputs['dy']!], inShape, { ...sizes });
  },
};
