/** adamUpdates on WebGL: three draws per variable, one for each result. */
import type * as tf from '@tensorflow/tfjs';
import { runWebGL } from '../../backends/webgl/adapter.js';
import type { Surface } from '../../backends/webgl/program.js';
import { shader } from '../../backends/webgl/shader.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { listOf } from '../lists.js';
import { ADAM_UPDATES, type AdamAttributes } from './kernels.js';

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
  return keep * previous(index) - rate * firstMoment(index) / (sqrt(secondMoment(index)) + epsilon);
}`,
  ['rate', 'epsilon', 'keep'],
);

export const forward: tf.KernelConfig = {
  kernelName: ADAM_UPDATES.forward,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const { rates, keeps, beta1, beta2, epsilon } = args.attrs as AdamAttributes;
    return runWebGL(args, (call) => {
      listOf(args.inputs, 'value').forEach(({ shape }, index) => {
        const input = (name: string): Surface => call.input(`${name}${index}`);
        const [previous, gradient] = [input('value'), input('gradient')];
        const [target, firstMoment, secondMoment] = [call.output(shape), call.output(shape), call.output(shape)];
        call.draw(momentShader, {
          inputs: { moment: input('firstMoment'), gradient },
          ints: { squared: 0 },
          floats: { decay: beta1, gain: 1 - beta1 },
          target: firstMoment,
        });
        call.draw(momentShader, {
          inputs: { moment: input('secondMoment'), gradient },
          ints: { squared: 1 },
          floats: { decay: beta2, gain: 1 - beta2 },
          target: secondMoment,
        });
        const inputs = { previous, firstMoment, secondMoment };
        const floats = { rate: rates[index]!, epsilon, keep: keeps[index]! };
        call.draw(valueShader, { inputs, ints: {}, floats, target });
      });
    });
  },
};
