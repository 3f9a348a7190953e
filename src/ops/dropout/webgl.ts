/** dropout on WebGL. GLSL ES 3.0 has no product of 64 bits, so words are multiplied by halves. */
import type * as tf from '@tensorflow/tfjs';
import { runWebGLSingle } from '../../backends/webgl/adapter.js';
import { shader } from '../../backends/webgl/shader.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { DROPOUT } from './kernels.js';
import { dropoutOf, MOST_AXES, NOISE_INTEGERS, noiseIntegers } from './noise.js';

const AXES = Array.from({ length: MOST_AXES }, (_, axis) => axis);

const forwardShader = shader(
  'flat',
  { x: 'flat' },
  NOISE_INTEGERS,
  `
uint multiplyHigh(uint a, uint b) {
  uint aLow = a & 0xffffu;
  uint aHigh = a >> 16;
  uint bLow = b & 0xffffu;
  uint bHigh = b >> 16;
  uint middle = aHigh * bLow + (aLow * bLow >> 16);
  uint carry = aLow * bHigh + (middle & 0xffffu);
  return aHigh * bHigh + (middle >> 16) + (carry >> 16);
}
uvec4 philox(uint counter) {
  const uvec2 MULTIPLIERS = uvec2(0xd2511f53u, 0xcd9e8d57u);
  uvec4 words = uvec4(counter, 0u, 0u, 0u);
  uvec2 key = uvec2(uint(key0), uint(key1));
  for (int round = 0; round < 10; round++) {
    uvec2 high = uvec2(multiplyHigh(MULTIPLIERS.x, words.x), multiplyHigh(MULTIPLIERS.y, words.z));
    uvec2 low = MULTIPLIERS * words.xz;
    words = uvec4(high.y ^ words.y ^ key.x, low.y, high.x ^ words.w ^ key.y, low.x);
    key += uvec2(0x9e3779b9u, 0xbb67ae85u);
  }
  return words;
}
float value(int index) {
  int at = 0;
  int rest = index;
${AXES.map((axis) => `  at += rest % length${axis} * step${axis};\n  rest /= length${axis};`).join('\n')}
  bool isKept = philox(uint(at >> 2))[at & 3] >= uint(threshold);
  return isKept ? x(index) * scale : 0.0;
}`,
  ['scale'],
);

export const forward: tf.KernelConfig = {
  kernelName: DROPOUT.forward,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const noise = dropoutOf(args);
    return runWebGLSingle(args, (call) => {
      call.draw(forwardShader, {
        inputs: { x: call.input('x') },
        ints: noiseIntegers(noise),
        floats: { scale: noise.scale },
        target: call.output(noise.shape),
      });
    });
  },
};
