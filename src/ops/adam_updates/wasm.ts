/** adamUpdates on WebAssembly (assembly/adam.ts). */
import * as tf from '@tensorflow/tfjs';
import { runWasm } from '../../backends/wasm/adapter.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { listOf } from '../lists.js';
import { ADAM_INPUTS, ADAM_UPDATES, type AdamAttributes } from './kernels.js';

/** Parameters of one variable, in the order of the kernel. */
const PARAMETERS = 6;

export const forward: tf.KernelConfig = {
  kernelName: ADAM_UPDATES.forward,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) =>
    runWasm(args, ({ exports, input, output, parameters }) => {
      const values = listOf(args.inputs, 'value');
      const address = parameters(PARAMETERS * values.length, parametersOf);
      values.forEach(({ shape }, index) => {
        const inputs = ADAM_INPUTS.map((name) => input(`${name}${index}`));
        const outputs = [output(shape), output(shape), output(shape)];
        const own = address + 4 * PARAMETERS * index;
        exports.adamUpdate(...inputs, ...outputs, tf.util.sizeFromShape(shape), own);
      });
    }),
};

function parametersOf(attributes: object): readonly number[] {
  const { rates, beta1, beta2, epsilon } = attributes as AdamAttributes;
  return rates.flatMap((rate) => [rate, beta1, beta2, 1 - beta1, 1 - beta2, epsilon]);
}
