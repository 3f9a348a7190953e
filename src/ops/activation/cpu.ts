/** Activations in plain TypeScript. */
import type * as tf from '@tensorflow/tfjs';
import { makeOutput, readInput } from '../../backends/cpu/adapter.js';
import { activationRange, activationStops } from '../../kernel/fused_activation.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { ACTIVATION, type ActivationAttributes } from './kernels.js';

export const forward: tf.KernelConfig = {
  kernelName: ACTIVATION.forward,
  backendName: 'cpu',
  kernelFunc: (args: KernelArguments) => {
    const { floor, ceiling } = activationRange((args.attrs as ActivationAttributes).activation);
    const y = readInput(args, 'x').map((value) => Math.min(Math.max(value, floor), ceiling));
    return makeOutput(args, args.inputs['x']!.shape, y);
  },
};

export const backward: tf.KernelConfig = {
  kernelName: ACTIVATION.backward,
  backendName: 'cpu',
  kernelFunc: (args: KernelArguments) => {
    const { floor, ceiling } = activationStops((args.attrs as ActivationAttributes).activation);
    const y = readInput(args, 'y');
    const dx = readInput(args, 'dy').map((value, at) => (y[at]! <= floor || y[at]! >= ceiling ? 0 : value));
    return makeOutput(args, args.inputs['dy']!.shape, dx);
  },
};
