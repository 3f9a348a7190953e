/** maxPool2d on WebGPU: finds the largest tap of every window, from which values and gradients follow. */
import type * as tf from '@tensorflow/tfjs';
import { dispose, hostOf } from '../../backends/webgpu/adapter.js';
import { elementwise, mapElements } from '../../backends/webgpu/elements.js';
import { GEOMETRY, geometryUniforms } from '../../backends/webgpu/geometry.js';
import type { ConvGeometry } from '../../kernel/geometry.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { MAX_POOL2D } from './kernels.js';

/**
 * Maximum of a window and its tap, in row-major order. NaN is recognised by its bits, a test that no compiler removes.
 */
const LARGEST = `
  var<private> largest : f32;
  var<private> largestTap : i32;

  fn isUndefined(value : f32) -> bool {
    return (bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u;
  }

  fn findLargest(i : i32) {
    let c = i % uniforms.outChannels;
    let position = i / uniforms.outChannels;
    let line = position / uniforms.outWidth;
    let batch = line / uniforms.outHeight;
    let originY = (line - batch * uniforms.outHeight) * uniforms.strideHeight - uniforms.padTop;
    let originX = (position - line * uniforms.outWidth) * uniforms.strideWidth - uniforms.padLeft;
    largest = 0.0;
    largestTap = -1;
    for (var tapY = max(-originY, 0); tapY < min(uniforms.kernelHeight, uniforms.inHeight - originY); tapY++) {
      let row = (batch * uniforms.inHeight + originY + tapY) * uniforms.inWidth + originX;
      for (var tapX = max(-originX, 0); tapX < min(uniforms.kernelWidth, uniforms.inWidth - originX); tapX++) {
        let value = image[(row + tapX) * uniforms.inChannels + c];
        if (isUndefined(value) || largestTap < 0 || (!isUndefined(largest) && value > largest)) {
          largest = value;
          largestTap = tapY * uniforms.kernelWidth + tapX;
        }
      }
    }
  }`;

const FORWARD = elementwise({
  key: 'max_pool2d/forward',
  inputs: ['image'],
  integers: GEOMETRY,
  code: `${LARGEST}
    fn element(i : i32) {
      findLargest(i);
      result[i] = largest;
    }`,
});

/** Taps as floats: no window has more taps than a float32 can count exactly. */
const TAPS = elementwise({
  key: 'max_pool2d/taps',
  inputs: ['image'],
  integers: GEOMETRY,
  code: `${LARGEST}
    fn element(i : i32) {
      findLargest(i);
      result[i] = f32(largestTap);
    }`,
});

/** Every pixel gathers from the windows of which it is the maximum. */
const BACKWARD = elementwise({
  key: 'max_pool2d/backward',
  inputs: ['largestTaps', 'dy'],
  integers: GEOMETRY,
  code: `
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
        for (var tapX = 0; tapX < uniforms.kernelWidth; tapX++) {
          let shiftedX = fromX - tapX;
          let x = shiftedX / uniforms.strideWidth;
          if (shiftedX < 0 || x * uniforms.strideWidth != shiftedX || x >= uniforms.outWidth) {
            continue;
          }
          let at = (row + x) * uniforms.outChannels + c;
          if (i32(largestTaps[at]) == tapY * uniforms.kernelWidth + tapX) {
            sum += dy[at];
          }
        }
      }
      result[i] = sum;
    }`,
});

const SELECT = elementwise({
  key: 'max_pool2d/select',
  inputs: ['largestTaps', 'image'],
  integers: GEOMETRY,
  code: `
    fn element(i : i32) {
      let position = i / uniforms.outChannels;
      let line = position / uniforms.outWidth;
      let batch = line / uniforms.outHeight;
      let tap = i32(largestTaps[i]);
      let y = (line - batch * uniforms.outHeight) * uniforms.strideHeight - uniforms.padTop + tap / uniforms.kernelWidth;
      let x = (position - line * uniforms.outWidth) * uniforms.strideWidth - uniforms.padLeft + tap % uniforms.kernelWidth;
      let pixel = (batch * uniforms.inHeight + y) * uniforms.inWidth + x;
      result[i] = image[pixel * uniforms.inChannels + i % uniforms.outChannels];
    }`,
});

const outShape = (g: ConvGeometry): number[] => [g.batch, g.outHeight, g.outWidth, g.outChannels];

export const forward: tf.KernelConfig = {
  kernelName: MAX_POOL2D.forward,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    return mapElements(hostOf(args), FORWARD, [args.inputs['x']!], outShape(g), geometryUniforms(g));
  },
};

export const backward: tf.KernelConfig = {
  kernelName: MAX_POOL2D.backward,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    const host = hostOf(args);
    const { x, dy } = args.inputs;
    const taps = mapElements(host, TAPS, [x!], outShape(g), geometryUniforms(g));
    const shape = [g.batch, g.inHeight, g.inWidth, g.inChannels];
    const dx = mapElements(host, BACKWARD, [taps, dy!], shape, geometryUniforms(g));
    dispose(host, taps);
    return dx;
  },
};

export const select: tf.KernelConfig = {
  kernelName: MAX_POOL2D.select,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    const host = hostOf(args);
    const { x, values } = args.inputs;
    const taps = mapElements(host, TAPS, [x!], outShape(g), geometryUniforms(g));
    const y = mapElements(host, SELECT, [taps, values!], outShape(g), geometryUniforms(g));
    dispose(host, taps);
    return y;
  },
};
