/** weightedSums on WebGL: one draw per pair. */
import type * as tf from '@tensorflow/tfjs';
import { runWebGL } from '../../backends/webgl/adapter.js';
import { shader } from '../../backends/webgl/shader.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { listOf } from '../lists.js';
import { WEIGHTED_SUMS, weightsOf } from './kernels.js';

const sumShader = shader(
  'flat',
  { a: 'flat', b: 'flat' },
  [],
  `
float value(int index) {
  return a(index) * weightA + b(index) * weightB;
}`,
  ['weightA', 'weightB'],
);

export const forward: tf.KernelConfig = {
  kernelName: WEIGHTED_SUMS.forward,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    return runWebGL(args, (call) => {
      listOf(args.inputs, 'a').forEach(({ shape }, index) => {
        call.draw(sumShader, {
          inputs: { a: call.input(`a${index}`), b: call.input(`b${index}`) },
          ints: {},
          floats: weightsOf(args.attrs, index),
          target: call.output(shape),
        });
      });
    });
  },
};
