/** Activations on tfjs-node by TensorFlow's operators. */
import * as tf from '@tensorflow/tfjs';
import { NODE, TensorFlow } from '../../backends/node/adapter.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { ACTIVATION, type ActivationAttributes } from './kernels.js';

export const forward: tf.KernelConfig = {
  kernelName: ACTIVATION.forward,
  backendName: NODE,
  kernelFunc: (args: KernelArguments) =>
    tf.tidy(() => {
      const t = new TensorFlow(args);
      return t.activated(t.run('Identity', [t.input('x')]), (args.attrs as ActivationAttributes).activation);
    }),
};

export const backward: tf.KernelConfig = {
  kernelName: ACTIVATION.backward,
  backendName: NODE,
  kernelFunc: (args: KernelArguments) =>
    tf.tidy(() => {
      const t = new TensorFlow(args);
      const { activation } = args.attrs as ActivationAttributes;
      return t.activationGradient(t.run('Identity', [t.input('dy')]), t.input('y'), activation);
    }),
};
