/** adamUpdates on WebGPU: three dispatches per variable, one for each result. */
import type * as tf from '@tensorflow/tfjs';
import { hostOf } from '../../backends/webgpu/adapter.js';
import { elementwise, mapElements } from '../../backends/webgpu/elements.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { listOf } from '../lists.js';
import { ADAM_UPDATES, type AdamAttributes } from './kernels.js';

const FIRST_MOMENT = elementwise({
  key: 'adam/first_moment',
  inputs: ['moment', 'gradient'],
  integers: [],
  floats: ['keep', 'take'],
  code: 'fn element(i : i32) { result[i] = uniforms.keep * moment[i] + uniforms.take * gradient[i]; }',
});

const SECOND_MOMENT = elementwise({
  key: 'adam/second_moment',
  inputs: ['moment', 'gradient'],
  integers: [],
  floats: ['keep', 'take'],
  code: 'fn element(i : i32) { result[i] = uniforms.keep * moment[i] + uniforms.take * gradient[i] * gradient[i]; }',
});

const VALUE = elementwise({
  key: 'adam/value',
  inputs: ['value', 'first', 'second'],
  integers: [],
  floats: ['rate', 'epsilon', 'keep'],
  code: `
    fn element(i : i32) {
      result[i] = uniforms.keep * value[i] - uniforms.rate * first[i] / (sqrt(second[i]) + uniforms.epsilon);
    }`,
});

export const forward: tf.KernelConfig = {
  kernelName: ADAM_UPDATES.forward,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const { rates, keeps, beta1, beta2, epsilon } = args.attrs as AdamAttributes;
    const host = hostOf(args);
    return listOf(args.inputs, 'value').flatMap((value, index) => {
      const { shape } = value;
      const input = (name: string): tf.TensorInfo => args.inputs[`${name}${index}`]!;
      const update = (shader: typeof FIRST_MOMENT, moment: tf.TensorInfo, beta: number): tf.TensorInfo =>
        mapElements(host, shader, [moment, input('gradient')], shape, { keep: beta, take: 1 - beta });
      const first = update(FIRST_MOMENT, input('firstMoment'), beta1);
      const second = update(SECOND_MOMENT, input('secondMoment'), beta2);
      const uniforms = { rate: rates[index]!, epsilon, keep: keeps[index]! };
      return [mapElements(host, VALUE, [value, first, second], shape, uniforms), first, second];
    });
  },
};
