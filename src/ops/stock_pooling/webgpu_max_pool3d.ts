/** Gradient of 3-D max pooling on WebGPU, which TensorFlow.js misplaces in windows whose height and width differ. */
import * as tf from '@tensorflow/tfjs';
import { dispose, hostOf } from '../../backends/webgpu/adapter.js';
import { elementwise, mapElements } from '../../backends/webgpu/elements.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { axesOf, windowOf } from './windows.js';

/** Uniforms per axis, of which axis 0 is the depth. */
const FIELDS = ['size', 'out', 'kernel', 'stride', 'before'] as const;
const INTEGERS = [0, 1, 2].flatMap((axis) => FIELDS.map((field) => `${field}${axis}`)).concat('channels');

/** Tap of every window's maximum, in row-major order from plane to plane; NaN is recognised by its bits. */
const TAPS = elementwise({
  key: 'stock_max_pool3d/taps',
  inputs: ['image'],
  integers: INTEGERS,
  code: `
    fn isUndefined(value : f32) -> bool {
      return (bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u;
    }
    fn element(i : i32) {
      let c = i % uniforms.channels;
      let column = i / uniforms.channels;
      let row = column / uniforms.out2;
      let plane = row / uniforms.out1;
      let batch = plane / uniforms.out0;
      let from0 = (plane % uniforms.out0) * uniforms.stride0 - uniforms.before0;
      let from1 = (row % uniforms.out1) * uniforms.stride1 - uniforms.before1;
      let from2 = (column % uniforms.out2) * uniforms.stride2 - uniforms.before2;
      var largest = 0.0;
      var tap = -1;
      for (var d = max(-from0, 0); d < min(uniforms.kernel0, uniforms.size0 - from0); d++) {
        for (var y = max(-from1, 0); y < min(uniforms.kernel1, uniforms.size1 - from1); y++) {
          for (var x = max(-from2, 0); x < min(uniforms.kernel2, uniforms.size2 - from2); x++) {
            let line = (batch * uniforms.size0 + from0 + d) * uniforms.size1 + from1 + y;
            let value = image[(line * uniforms.size2 + from2 + x) * uniforms.channels + c];
            if (isUndefined(value) || tap < 0 || (!isUndefined(largest) && value > largest)) {
              largest = value;
              tap = (d * uniforms.kernel1 + y) * uniforms.kernel2 + x;
            }
          }
        }
      }
      result[i] = f32(tap);
    }`,
});

/** Every pixel gathers from the windows of which it is the maximum. */
const BACKWARD = elementwise({
  key: 'stock_max_pool3d/backward',
  inputs: ['taps', 'dy'],
  integers: INTEGERS,
  code: `
    // Output whose tap lies on a pixel, or −1.
    fn outputOf(shifted : i32, stride : i32, out : i32) -> i32 {
      let position = shifted / stride;
      return select(-1, position, shifted >= 0 && position * stride == shifted && position < out);
    }
    fn element(i : i32) {
      let c = i % uniforms.channels;
      let column = i / uniforms.channels;
      let row = column / uniforms.size2;
      let plane = row / uniforms.size1;
      let batch = plane / uniforms.size0;
      var sum = 0.0;
      for (var d = 0; d < uniforms.kernel0; d++) {
        let at0 = outputOf(plane % uniforms.size0 + uniforms.before0 - d, uniforms.stride0, uniforms.out0);
        for (var y = 0; y < uniforms.kernel1; y++) {
          let at1 = outputOf(row % uniforms.size1 + uniforms.before1 - y, uniforms.stride1, uniforms.out1);
          for (var x = 0; x < uniforms.kernel2; x++) {
            let at2 = outputOf(column % uniforms.size2 + uniforms.before2 - x, uniforms.stride2, uniforms.out2);
            if (min(at0, min(at1, at2)) < 0) {
              continue;
            }
            let line = (batch * uniforms.out0 + at0) * uniforms.out1 + at1;
            let at = (line * uniforms.out2 + at2) * uniforms.channels + c;
            if (i32(taps[at]) == (d * uniforms.kernel1 + y) * uniforms.kernel2 + x) {
              sum += dy[at];
            }
          }
        }
      }
      result[i] = sum;
    }`,
});

export const webgpuMaxPool3dGradient: tf.KernelConfig = {
  kernelName: tf.MaxPool3DGrad,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const { info, shape } = windowOf(args, 'input');
    const host = hostOf(args);
    const { input, dy } = args.inputs;
    const uniforms = Object.fromEntries(
      axesOf(info).flatMap((axis, index) => FIELDS.map((field) => [`${field}${index}`, axis[field]])),
    );
    const all = { ...uniforms, channels: info.inChannels };
    const taps = mapElements(host, TAPS, [input!], dy!.shape, all);
    const dx = mapElements(host, BACKWARD, [taps, dy!], shape, all);
    dispose(host, taps);
    return dx;
  },
};
