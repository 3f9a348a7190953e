/** Activations on WebAssembly (assembly/activation.ts). */
import * as tf from '@tensorflow/tfjs';
import { runWasmSingle } from '../../backends/wasm/adapter.js';
import { activationRange, activationStops } from '../../kernel/fused_activation.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { ACTIVATION, type ActivationAttributes } from './kernels.js';

export const forward: tf.KernelConfig = {
  kernelName: ACTIVATION.forward,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const { floor, ceiling } = activationRange((args.attrs as ActivationAttributes).activation);
    const x = args.inputs['x']!;
    return runWasmSingle(args, ({ exports, input, output }) => {
      exports.activationForward(input('x'), output(x.shape), tf.util.sizeFromShape(x.shape), floor, ceiling);
    });
  },
};

export const backward: tf.KernelConfig = {
  kernelName: ACTIVATION.backward,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const { floor, ceiling } = activationStops((args.attrs as ActivationAttributes).activation);
    const dy = args.inputs['dy']!;
    return runWasmSingle(args, ({ exports, input, output }) => {
      exports.activationBackward(
        input('dy'),
        input('y'),
        output(dy.shape),
        tf.util.sizeFromShape(dy.shape),
        floor,
        ceiling,
      );
    });
  },
};
