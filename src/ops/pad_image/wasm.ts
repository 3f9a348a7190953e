/** padImage on WebAssembly's memory: copies and a few additions, so JavaScript loops are fast enough. */
import type * as tf from '@tensorflow/tfjs';
import { runWasmSingle } from '../../backends/wasm/adapter.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { sizeOf } from '../../kernel/sizes.js';
import { pad, unpad } from './loops.js';
import { PAD_IMAGE, padOf } from './kernels.js';

export const forward: tf.KernelConfig = {
  kernelName: PAD_IMAGE.forward,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const call = padOf(args);
    return runWasmSingle(args, ({ input, output, floats }) => {
      const [x, y] = [input('x'), output(call.outShape)];
      pad(call, floats(x, sizeOf(call.inShape)), floats(y, sizeOf(call.outShape)));
    });
  },
};

export const backward: tf.KernelConfig = {
  kernelName: PAD_IMAGE.backward,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const call = padOf(args);
    return runWasmSingle(args, ({ input, output, floats }) => {
      const [dy, dx] = [input('dy'), output(call.inShape)];
      const sums = floats(dx, sizeOf(call.inShape)).fill(0);
      unpad(call, floats(dy, sizeOf(call.outShape)), sums);
    });
  },
};
