/** adamUpdate on WebGPU: one shader for each of the three results. */
import type * as tf from '@tensorflow/tfjs';
import { hostOf } from '../../webgpu/backend.js';
import { elementwise, mapElements } from '../../webgpu/elements.js';
import type { KernelArguments } from '../cpu_backend.js';
import { ADAM_UPDATE, type AdamAttributes } from './names.js';

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
  floats: ['rate', 'epsilon'],
  code: `
    fn element(i : i32) {
      result[i] = value[i] - uniforms.rate * first[i] / (sqrt(second[i]) + uniforms.epsilon);
    }`,
});

export const forward: tf.KernelConfig = {
  kernelName: ADAM_UPDATE.forward,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const { rate, beta1, beta2, epsilon } = args.attrs as AdamAttributes;
    const { value, gradient, firstMoment, secondMoment } = args.inputs;
    const host = hostOf(args);
    const { shape } = value!;
    const update = (shader: typeof FIRST_MOMENT, moment: tf.TensorInfo, beta: number): tf.TensorInfo =>
      mapElements(host, shader, [moment, gradient!], shape, { keep: beta, take: 1 - beta });
    const first = update(FIRST_MOMENT, firstMoment!, beta1);
    const second = update(SECOND_MOMENT, secondMoment!, beta2);
    return [mapElements(host, VALUE, [value!, first, second], shape, { rate, epsilon }), first, second];
  },
};
