/**
 * deformTaps on WebAssembly's memory. Only the exponentials are slow (assembly/softmax.ts); the other loops are plain
 * JavaScript.
 */
import type * as tf from '@tensorflow/tfjs';
import { runWasmSingle } from '../../backends/wasm/adapter.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { sizeOf } from '../../kernel/sizes.js';
import { DEFORM_TAPS, tapsOf } from './kernels.js';
import { placeBackwardLoop, placeLoop, softmaxBackwardLoop, type TapLoop } from './rows.js';

function kernel({ kernelName, inputs, shape, fill }: TapLoop): tf.KernelConfig {
  return {
    kernelName,
    backendName: 'wasm',
    kernelFunc: (args: KernelArguments) => {
      const taps = tapsOf(args);
      return runWasmSingle(args, ({ input, output, floats }) => {
        const addresses = inputs.map(input);
        const target = output(taps[shape]);
        fill(
          floats(target, sizeOf(taps[shape])),
          inputs.map((name, index) => floats(addresses[index]!, sizeOf(args.inputs[name]!.shape))),
          taps,
        );
      });
    },
  };
}

export const place = kernel(placeLoop);
export const placeBackward = kernel(placeBackwardLoop);
export const softmax: tf.KernelConfig = {
  kernelName: DEFORM_TAPS.softmax,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const { sizes, placedShape } = tapsOf(args);
    return runWasmSingle(args, ({ exports, input, output }) => {
      exports.softmaxTaps(input('logits'), sizes.rows, sizes.taps, sizes.middle, output(placedShape));
    });
  },
};
export const softmaxBackward = kernel(softmaxBackwardLoop);
