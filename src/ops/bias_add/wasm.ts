/** biasAdd on WebAssembly (assembly/bias.ts). */
import type * as tf from '@tensorflow/tfjs';
import { runWasmSingle } from '../../backends/wasm/adapter.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { BIAS_ADD, sizesOf } from './kernels.js';

export const forward: tf.KernelConfig = {
  kernelName: BIAS_ADD.forward,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const { shape, rows, channels } = sizesOf(args);
    return runWasmSingle(args, ({ exports, input, output }) => {
      const [x, bias] = [input('x'), input('bias')];
      exports.biasForward(x, bias, rows, channels, output(shape));
    });
  },
};

export const backward: tf.KernelConfig = {
  kernelName: BIAS_ADD.backward,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const { rows, channels } = sizesOf(args);
    return runWasmSingle(args, ({ exports, input, output, scratch }) => {
      const dy = input('dy');
      const room = scratch(exports.biasScratch(channels));
      exports.biasBackward(dy, rows, channels, output([channels]), room);
    });
  },
};
