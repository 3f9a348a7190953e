/** clipGradients on WebGL: sums of squares in two steps, then one draw per gradient. */
import type * as tf from '@tensorflow/tfjs';
import { runWebGL, type WebGLCall } from '../../backends/webgl/adapter.js';
import type { Surface } from '../../backends/webgl/program.js';
import { shader } from '../../backends/webgl/shader.js';
import { chunksOf, sumChunks } from '../../backends/webgl/sums.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { sizeOf } from '../../kernel/sizes.js';
import { listOf } from '../lists.js';
import { CLIP_GRADIENTS, normGroups, type ClipAttributes } from './kernels.js';

const squaresShader = shader(
  'flat',
  { x: 'flat' },
  ['extent', 'count'],
  `
float value(int chunk) {
  int end = min((chunk + 1) * extent, count);
  float sum = 0.0;
  for (int index = chunk * extent; index < end; index++) {
    float at = x(index);
    sum += at * at;
  }
  return sum;
}`,
);

const scaleShader = shader(
  'flat',
  { x: 'flat', squares: 'flat' },
  [],
  `
float value(int index) {
  return x(index) * (limit / max(sqrt(squares(0)), limit));
}`,
  ['limit'],
);

const clampShader = shader(
  'flat',
  { x: 'flat' },
  [],
  `
float value(int index) {
  return clamp(x(index), -limit, limit);
}`,
  ['limit'],
);

export const forward: tf.KernelConfig = {
  kernelName: CLIP_GRADIENTS.forward,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const { by, limit } = args.attrs as ClipAttributes;
    return runWebGL(args, (call) => {
      const gradients = listOf(args.inputs, 'gradient').map(({ shape }, index) => {
        return { from: call.input(`gradient${index}`), to: call.output(shape), size: sizeOf(shape) };
      });
      const floats = { limit };
      if (by === 'value') {
        for (const { from, to } of gradients) {
          call.draw(clampShader, { inputs: { x: from }, ints: {}, floats, target: to });
        }
        return;
      }
      for (const group of normGroups(by, gradients.length)) {
        const own = group.map((index) => gradients[index]!).filter(({ size }) => size > 0);
        let squares: Surface | undefined;
        for (const { from, size } of own) {
          const next = addSquares(call, from, size, squares);
          if (squares) call.release(squares);
          squares = next;
        }
        for (const { from, to } of own) {
          call.draw(scaleShader, { inputs: { x: from, squares: squares! }, ints: {}, floats, target: to });
        }
      }
    });
  },
};

/** Sum of the squares of a surface, and of what has been summed before. */
function addSquares(call: WebGLCall, x: Surface, size: number, before: Surface | undefined): Surface {
  const chunks = chunksOf(size);
  const partial = call.flat(chunks.count);
  call.draw(squaresShader, { inputs: { x }, ints: { extent: chunks.extent, count: size }, target: partial });
  const sum = call.flat(1);
  sumChunks(call, partial, chunks, sum, { base: before });
  call.release(partial);
  return sum;
}
