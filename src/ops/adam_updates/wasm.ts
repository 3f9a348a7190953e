/** adamUpdates on WebAssembly (assembly/adam.ts). */
import * as tf from '@tensorflow/tfjs';
import { runWasm } from '../../backends/wasm/adapter.js';
import { listFields } from '../../backends/wasm/struct.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { listOf } from '../lists.js';
import { ADAM_INPUTS, ADAM_UPDATES, type AdamAttributes } from './kernels.js';

/** Fields of a variable in order; a test compares them with `AdamVariable` in assembly/adam.ts. */
export const ADAM_FIELDS = [
  'value',
  'gradient',
  'firstMoment',
  'secondMoment',
  'newValue',
  'newFirstMoment',
  'newSecondMoment',
  'parameters',
] as const;

/** Parameters of one variable, in the order of the kernel. */
const PARAMETERS = 7;

export const forward: tf.KernelConfig = {
  kernelName: ADAM_UPDATES.forward,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) =>
    runWasm(args, ({ exports, input, output, integers, parameters }) => {
      const values = listOf(args.inputs, 'value');
      const address = parameters(PARAMETERS * values.length, parametersOf);
      values.forEach(({ shape }, index) => {
        const [value, gradient, firstMoment, secondMoment] = ADAM_INPUTS.map((name) => input(`${name}${index}`));
        const variable = listFields(ADAM_FIELDS, {
          ...{ value: value!, gradient: gradient!, firstMoment: firstMoment!, secondMoment: secondMoment! },
          ...{ newValue: output(shape), newFirstMoment: output(shape), newSecondMoment: output(shape) },
          parameters: address + 4 * PARAMETERS * index,
        });
        exports.adamUpdate(integers(variable), 0, tf.util.sizeFromShape(shape));
      });
    }),
};

function parametersOf(attributes: object): readonly number[] {
  const { rates, keeps, beta1, beta2, epsilon } = attributes as AdamAttributes;
  return rates.flatMap((rate, index) => [rate, beta1, beta2, 1 - beta1, 1 - beta2, epsilon, keeps[index]!]);
}
