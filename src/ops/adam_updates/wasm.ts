/** adamUpdates on WebAssembly (assembly/adam.ts). */
import * as tf from '@tensorflow/tfjs';
import { runWasm } from '../../backends/wasm/adapter.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { listOf } from '../lists.js';
import { ADAM_INPUTS, ADAM_UPDATES, type AdamAttributes } from './kernels.js';

export const forward: tf.KernelConfig = {
  kernelName: ADAM_UPDATES.forward,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const { rates, beta1, beta2, epsilon } = args.attrs as AdamAttributes;
    return runWasm(args, ({ exports, input, output }) => {
      listOf(args.inputs, 'value').forEach((value, index) => {
        const { shape } = value;
        const inputs = ADAM_INPUTS.map((name) => input(`${name}${index}`));
        const outputs = [output(shape), output(shape), output(shape)];
        const rate = rates[index]!;
        exports.adamUpdate(
          ...inputs,
          ...outputs,
          tf.util.sizeFromShape(value.shape),
          rate,
          beta1,
          beta2,
          1 - beta1,
          1 - beta2,
          epsilon,
        );
      });
    });
  },
};
