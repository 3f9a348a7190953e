/** adamUpdate on WebGL: a draw for each of its three results. */
import type * as tf from '@tensorflow/tfjs';
import { runWebGL } from '../../webgl/call.js';
import { shader } from '../../webgl/shader.js';
import type { KernelArguments } from '../cpu_backend.js';
import { ADAM_UPDATE, type AdamAttributes } from './names.js';

/** decay · moment + gain · gradient, or with the gradient's square. */
const momentShader = shader(
  'flat',
  { moment: 'flat', gradient: 'flat' },
  ['squared'],
  `
float value(int index) {
  float g = gradient(index);
  return decay * moment(index) + gain * (squared == 1 ? g * g : g);
}`,
  ['decay', 'gain'],
);

const valueShader = shader(
  'flat',
  { previous: 'flat', firstMoment: 'flat', secondMoment: 'flat' },
  [],
  `
float value(int index) {
  return previous(index) - rate * firstMoment(index) / (sqrt(secondMoment(index)) + epsilon);
}`,
  ['rate', 'epsilon'],
);

export const forward: tf.KernelConfig = {
  kernelName: ADAM_UPDATE.forward,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const { rate, beta1, beta2, epsilon } = args.attrs as AdamAttributes;
    const { shape } = args.inputs['value']!;
    return runWebGL(args, (call) => {
      const [previous, gradient] = [call.input('value'), call.input('gradient')];
      const [target, firstMoment, secondMoment] = [call.output(shape), call.output(shape), call.output(shape)];
      call.draw(momentShader, {
        inputs: { moment: call.input('firstMoment'), gradient },
        ints: { squared: 0 },
        floats: { decay: beta1, gain: 1 - beta1 },
        target: firstMoment,
      });
      call.draw(momentShader, {
        inputs: { moment: call.input('secondMoment'), gradient },
        ints: { squared: 1 },
        floats: { decay: beta2, gain: 1 - beta2 },
        target: secondMoment,
      });
      const inputs = { previous, firstMoment, secondMoment };
      call.draw(valueShader, { inputs, ints: {}, floats: { rate, epsilon }, target });
    });
  },
};
