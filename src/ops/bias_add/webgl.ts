/** biasAdd on WebGL. */
import type * as tf from '@tensorflow/tfjs';
import { runWebGLSingle } from '../../backends/webgl/adapter.js';
import { shader } from '../../backends/webgl/shader.js';
import { chunksOf, sumChunks } from '../../backends/webgl/sums.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { BIAS_ADD, sizesOf } from './kernels.js';

const forwardShader = shader(
  'flat',
  { x: 'flat', bias: 'flat' },
  ['channels'],
  `
float value(int index) {
  return x(index) + bias(index % channels);
}`,
);

/** Sums over chunks of rows, [chunks, channels]. */
const chunkShader = shader(
  'flat',
  { upstream: 'flat' },
  ['channels', 'rows', 'extent'],
  `
float value(int index) {
  int start = index / channels * extent;
  int end = min(start + extent, rows);
  float sum = 0.0;
  for (int row = start; row < end; row++) sum += upstream(row * channels + index % channels);
  return sum;
}`,
);

export const forward: tf.KernelConfig = {
  kernelName: BIAS_ADD.forward,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const { shape, channels } = sizesOf(args);
    return runWebGLSingle(args, (call) => {
      const inputs = { x: call.input('x'), bias: call.input('bias') };
      call.draw(forwardShader, { inputs, ints: { channels }, target: call.output(shape) });
    });
  },
};

export const backward: tf.KernelConfig = {
  kernelName: BIAS_ADD.backward,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const { rows, channels } = sizesOf(args);
    return runWebGLSingle(args, (call) => {
      const upstream = call.input('dy');
      const dbias = call.output([channels]);
      const chunks = chunksOf(rows);
      const partial = call.flat(chunks.count * channels);
      call.draw(chunkShader, { inputs: { upstream }, ints: { channels, ...chunks }, target: partial });
      sumChunks(call, partial, chunks, dbias);
    });
  },
};
