/** adamUpdate on WebAssembly (assembly/adam.ts). */
import type * as tf from '@tensorflow/tfjs';
import type { KernelArguments } from '../cpu_backend.js';
import { runWasm } from '../wasm_backend.js';
import { ADAM_UPDATE, type AdamAttributes } from './names.js';

export const forward: tf.KernelConfig = {
  kernelName: ADAM_UPDATE.forward,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const { rate, beta1, beta2, epsilon } = args.attrs as AdamAttributes;
    const { shape } = args.inputs['value']!;
    const count = shape.reduce((product, size) => product * size, 1);
    return runWasm(args, ({ exports, input, output }) => {
      const inputs = ['value', 'gradient', 'firstMoment', 'secondMoment'].map(input);
      const outputs = [output(shape), output(shape), output(shape)];
      exports.adamUpdate(...inputs, ...outputs, count, rate, beta1, beta2, 1 - beta1, 1 - beta2, epsilon);
    });
  },
};
