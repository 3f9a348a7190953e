/** dropout on WebGPU. WGSL has no product of 64 bits, so words are multiplied by halves. */
import type * as tf from '@tensorflow/tfjs';
import { hostOf } from '../../backends/webgpu/adapter.js';
import { elementwise, mapElements } from '../../backends/webgpu/elements.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { DROPOUT } from './kernels.js';
import { dropoutOf, MOST_AXES, NOISE_INTEGERS, noiseIntegers } from './noise.js';

const AXES = Array.from({ length: MOST_AXES }, (_, axis) => axis);

const FORWARD = elementwise({
  key: 'dropout/forward',
  inputs: ['x'],
  integers: NOISE_INTEGERS,
  floats: ['scale'],
  code: `
    fn multiplyHigh(a : u32, b : u32) -> u32 {
      let aLow = a & 0xffffu;
      let aHigh = a >> 16u;
      let bLow = b & 0xffffu;
      let bHigh = b >> 16u;
      let middle = aHigh * bLow + ((aLow * bLow) >> 16u);
      let carry = aLow * bHigh + (middle & 0xffffu);
      return aHigh * bHigh + (middle >> 16u) + (carry >> 16u);
    }
    fn philox(counter : u32) -> vec4<u32> {
      let multipliers = vec2<u32>(0xd2511f53u, 0xcd9e8d57u);
      var words = vec4<u32>(counter, 0u, 0u, 0u);
      var key = vec2<u32>(bitcast<u32>(uniforms.key0), bitcast<u32>(uniforms.key1));
      for (var round = 0; round < 10; round++) {
        let high = vec2<u32>(multiplyHigh(multipliers.x, words.x), multiplyHigh(multipliers.y, words.z));
        let low = multipliers * words.xz;
        words = vec4<u32>(high.y ^ words.y ^ key.x, low.y, high.x ^ words.w ^ key.y, low.x);
        key += vec2<u32>(0x9e3779b9u, 0xbb67ae85u);
      }
      return words;
    }
    fn element(i : i32) {
      var at = 0;
      var rest = i;
${AXES.map((axis) => `      at += rest % uniforms.length${axis} * uniforms.step${axis};\n      rest /= uniforms.length${axis};`).join('\n')}
      let words = philox(u32(at >> 2u));
      let isKept = words[at & 3] >= bitcast<u32>(uniforms.threshold);
      result[i] = select(0.0, x[i] * uniforms.scale, isKept);
    }`,
});

export const forward: tf.KernelConfig = {
  kernelName: DROPOUT.forward,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const noise = dropoutOf(args);
    const uniforms = { ...noiseIntegers(noise), scale: noise.scale };
    return mapElements(hostOf(args), FORWARD, [args.inputs['x']!], noise.shape, uniforms);
  },
};
