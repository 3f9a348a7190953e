/** maxPool2d on WebGPU: finds the largest tap of every window, from which values and gradients follow. */
import type * as tf from '@tensorflow/tfjs';
import { dispose, type Shader } from '../../backends/webgpu/adapter.js';
import { elementwise } from '../../backends/webgpu/elements.js';
import { GEOMETRY } from '../../backends/webgpu/geometry.js';
import { POSITIONS } from '../../backends/webgpu/positions.js';
import { poolKernel, sumOverWindows, type PoolCall } from '../pool2d/webgpu.js';
import { MAX_POOL2D } from './kernels.js';

/**
 * Maximum of a window and its tap, in row-major order. NaN is recognised by its bits, a test that no compiler removes.
 */
const LARGEST = `${POSITIONS}
  var<private> largest : f32;
  var<private> largestTap : i32;

  fn isUndefined(value : f32) -> bool {
    return (bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u;
  }

  fn findLargest(i : i32) {
    let c = i % uniforms.outChannels;
    openPosition(i / uniforms.outChannels);
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
  code: sumOverWindows(`if (i32(largestTaps[at]) == tapY * uniforms.kernelWidth + tapX) {
            sum += dy[at];
          }`),
});

const SELECT = elementwise({
  key: 'max_pool2d/select',
  inputs: ['largestTaps', 'image'],
  integers: GEOMETRY,
  code: `${POSITIONS}
    fn element(i : i32) {
      openPosition(i / uniforms.outChannels);
      let tap = i32(largestTaps[i]);
      let y = originY + tap / uniforms.kernelWidth;
      let x = originX + tap % uniforms.kernelWidth;
      let pixel = (batch * uniforms.inHeight + y) * uniforms.inWidth + x;
      result[i] = image[pixel * uniforms.inChannels + i % uniforms.outChannels];
    }`,
});

/** Runs a shader on the largest taps of the windows and another input. */
function fromTaps(
  { host, inputs, map }: PoolCall,
  shader: Shader,
  other: string,
  shape: 'image' | 'windows',
): tf.TensorInfo {
  const taps = map(TAPS, [inputs['x']!], 'windows');
  const result = map(shader, [taps, inputs[other]!], shape);
  dispose(host, taps);
  return result;
}

export const forward = poolKernel(MAX_POOL2D.forward, ({ inputs, map }) => map(FORWARD, [inputs['x']!], 'windows'));

export const backward = poolKernel(MAX_POOL2D.backward, (call) => fromTaps(call, BACKWARD, 'dy', 'image'));

export const select = poolKernel(MAX_POOL2D.select, (call) => fromTaps(call, SELECT, 'values', 'windows'));
