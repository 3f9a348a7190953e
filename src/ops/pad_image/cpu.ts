/** padImage in plain TypeScript. */
import type * as tf from '@tensorflow/tfjs';
import { makeOutput, readInput } from '../../backends/cpu/adapter.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { sizeOf } from '../../kernel/sizes.js';
import { pad, unpad } from './loops.js';
import { PAD_IMAGE, padOf } from './kernels.js';

const zeros = (shape: readonly number[]): Float32Array => new Float32Array(sizeOf(shape));

export const forward: tf.KernelConfig = {
  kernelName: PAD_IMAGE.forward,
  backendName: 'cpu',
  kernelFunc: (args: KernelArguments) => {
    const call = padOf(args);
    const y = zeros(call.outShape);
    pad(call, readInput(args, 'x'), y);
    return makeOutput(args, call.outShape, y);
  },
};

export const backward: tf.KernelConfig = {
  kernelName: PAD_IMAGE.backward,
  backendName: 'cpu',
  kernelFunc: (args: KernelArguments) => {
    const call = padOf(args);
    const dx = zeros(call.inShape);
    unpad(call, readInput(args, 'dy'), dx);
    return makeOutput(args, call.inShape, dx);
  },
};
