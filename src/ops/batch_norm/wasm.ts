/** batchNorm and batchNormInference on WebAssembly (assembly/batch_norm.ts). */
import type * as tf from '@tensorflow/tfjs';
import { runWasm, runWasmSingle, type WasmCall } from '../../backends/wasm/adapter.js';
import { activationRange, activationStops } from '../../kernel/fused_activation.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { sizeOf } from '../../kernel/sizes.js';
import { BATCH_NORM, BATCH_NORM_INFERENCE, type BatchNormAttributes } from './kernels.js';

interface Prepared {
  readonly shape: number[];
  readonly rows: number;
  readonly channels: number;
  readonly epsilon: number;
  readonly floor: number;
  readonly ceiling: number;
}

function prepare(args: KernelArguments, range = activationRange): Prepared {
  const { epsilon, activation } = args.attrs as BatchNormAttributes;
  const { shape } = args.inputs['x']!;
  const channels = shape[shape.length - 1]!;
  const rows = sizeOf(shape.slice(0, -1));
  return { shape, rows, channels, epsilon, ...range(activation) };
}

export const forward: tf.KernelConfig = {
  kernelName: BATCH_NORM.forward,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const { shape, rows, channels, epsilon, floor, ceiling } = prepare(args);
    return runWasm(args, ({ exports, input, output, scratch }) => {
      const [x, gamma, beta] = [input('x'), input('gamma'), input('beta')];
      const room = scratch(exports.batchNormScratch(channels));
      const [y, mean, variance] = [output(shape), output([channels]), output([channels])];
      exports.batchNormForward(x, gamma, beta, rows, channels, epsilon, floor, ceiling, y, mean, variance, room);
    });
  },
};

export const inferenceForward: tf.KernelConfig = {
  kernelName: BATCH_NORM_INFERENCE.forward,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const { shape, rows, channels, epsilon, floor, ceiling } = prepare(args);
    return runWasmSingle(args, ({ exports, input, output, scratch }) => {
      const [x, gamma, beta] = [input('x'), input('gamma'), input('beta')];
      const [mean, variance] = [input('mean'), input('variance')];
      const room = scratch(exports.batchNormScratch(channels));
      const y = output(shape);
      exports.batchNormInferenceForward(
        ...[x, gamma, beta, mean, variance, rows, channels, epsilon, floor, ceiling, y, room],
      );
    });
  },
};

/** Backward kernel of either operator: they take the same arguments and differ only in the function called. */
function backwardWith(
  kernelName: string,
  choose: (exports: WasmCall['exports']) => (...values: number[]) => void,
): tf.KernelConfig {
  return {
    kernelName,
    backendName: 'wasm',
    kernelFunc: (args: KernelArguments) => {
      const { shape, rows, channels, epsilon, floor, ceiling } = prepare(args, activationStops);
      return runWasm(args, ({ exports, input, output, scratch }) => {
        const inputs = ['x', 'gamma', 'mean', 'variance', 'y', 'dy'].map(input);
        const room = scratch(exports.batchNormScratch(channels));
        const outputs = [output(shape), output([channels]), output([channels])];
        choose(exports)(...inputs, rows, channels, epsilon, floor, ceiling, ...outputs, room);
      });
    },
  };
}

export const backward = backwardWith(BATCH_NORM.backward, (exports) => exports.batchNormBackward);

export const inferenceBackward = backwardWith(
  BATCH_NORM_INFERENCE.backward,
  (exports) => exports.batchNormInferenceBackward,
);
