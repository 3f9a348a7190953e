/** deformTaps in plain TypeScript. */
import type * as tf from '@tensorflow/tfjs';
import { makeOutput, readInput } from '../../backends/cpu/adapter.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { sizeOf } from '../../kernel/sizes.js';
import { tapsOf } from './kernels.js';
import { placeBackwardLoop, placeLoop, softmaxBackwardLoop, softmaxLoop, type TapLoop } from './rows.js';

function kernel({ kernelName, inputs, shape, fill }: TapLoop): tf.KernelConfig {
  return {
    kernelName,
    backendName: 'cpu',
    kernelFunc: (args: KernelArguments) => {
      const taps = tapsOf(args);
      const result = new Float32Array(sizeOf(taps[shape]));
      fill(
        result,
        inputs.map((name) => readInput(args, name)),
        taps,
      );
      return makeOutput(args, taps[shape], result);
    },
  };
}

export const place = kernel(placeLoop);
export const placeBackward = kernel(placeBackwardLoop);
export const softmax = kernel(softmaxLoop);
export const softmaxBackward = kernel(softmaxBackwardLoop);
