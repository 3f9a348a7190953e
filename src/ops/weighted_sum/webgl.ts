/** weightedSum on WebGL. */
import type * as tf from '@tensorflow/tfjs';
import { runWebGL } from '../../webgl/call.js';
import { shader } from '../../webgl/shader.js';
import type { KernelArguments } from '../cpu_backend.js';
import { WEIGHTED_SUM, type WeightedSumAttributes } from './names.js';

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
  kernelName: WEIGHTED_SUM.forward,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const { weightA, weightB } = args.attrs as WeightedSumAttributes;
    return runWebGL(args, (call) => {
      call.draw(sumShader, {
        inputs: { a: call.input('a'), b: call.input('b') },
        ints: {},
        floats: { weightA, weightB },
        target: call.output(args.inputs['a']!.shape),
      });
    });
  },
};
