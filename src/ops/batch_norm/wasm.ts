/** batchNorm and batchNormInference on WebAssembly (assembly/batch_norm.ts). */
import type * as tf from '@tensorflow/tfjs';
import { runWasm, runWasmSingle, type WasmCall } from '../../backends/wasm/adapter.js';
import { activationRange, activationStops } from '../../kernel/fused_activation.js';
import { writeBatchNorm } from '../../backends/wasm/batch_norm_operands.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { sizeOf } from '../../kernel/sizes.js';
import { BATCH_NORM, BATCH_NORM_INFERENCE, BATCH_NORM_TWICE, type BatchNormAttributes } from './kernels.js';

interface Prepared {
  readonly shape: number[];
  readonly channels: number;
  /** Sizes and numbers of the operands. */
  readonly sizes: Record<'rows' | 'channels' | 'epsilon' | 'floor' | 'ceiling', number>;
}

function prepare(args: KernelArguments, range = activationRange): Prepared {
  const { epsilon, activation } = args.attrs as BatchNormAttributes;
  const { shape } = args.inputs['x']!;
  const channels = shape[shape.length - 1]!;
  const rows = sizeOf(shape.slice(0, -1));
  return { shape, channels, sizes: { rows, channels, epsilon, ...range(activation) } };
}

function forwardWith(kernelName: string, keepsCoefficients: boolean): tf.KernelConfig {
  return {
    kernelName,
    backendName: 'wasm',
    kernelFunc: (args: KernelArguments) => {
      const { shape, channels, sizes } = prepare(args);
      return runWasm(args, (call) => {
        const { exports, input, output } = call;
        const [x, gamma, beta] = [input('x'), input('gamma'), input('beta')];
        const scratch = call.scratch(exports.batchNormScratch(channels));
        const [y, mean, variance] = [output(shape), output([channels]), output([channels])];
        const coefficients = keepsCoefficients ? output([2, channels]) : 0;
        const results = { y, mean, variance, coefficients };
        exports.batchNormForward(writeBatchNorm(call, { ...sizes, x, gamma, beta, ...results, scratch }));
      });
    },
  };
}

export const forward = forwardWith(BATCH_NORM.forward, false);

export const first = forwardWith(BATCH_NORM_TWICE.first, true);

export const again: tf.KernelConfig = {
  kernelName: BATCH_NORM_TWICE.again,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const { shape, channels, sizes } = prepare(args);
    return runWasmSingle(args, (call) => {
      const { exports, input, output } = call;
      const [x, mean, scratch] = [input('x'), input('mean'), input('coefficients')];
      const operands = writeBatchNorm(call, { ...sizes, x, mean, y: output(shape), scratch });
      exports.batchNormRows(operands, scratch + 4 * channels, 0, sizes.rows);
    });
  },
};

export const inferenceForward: tf.KernelConfig = {
  kernelName: BATCH_NORM_INFERENCE.forward,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const { shape, channels, sizes } = prepare(args);
    return runWasmSingle(args, (call) => {
      const { exports, input } = call;
      const [x, gamma, beta] = [input('x'), input('gamma'), input('beta')];
      const [mean, variance] = [input('mean'), input('variance')];
      const scratch = call.scratch(exports.batchNormScratch(channels));
      const y = call.output(shape);
      exports.batchNormInferenceForward(writeBatchNorm(call, { ...sizes, x, gamma, beta, mean, variance, y, scratch }));
    });
  },
};

/** Backward kernel of either operator: they take the same arguments and differ only in the function called. */
function backwardWith(
  kernelName: string,
  choose: (exports: WasmCall['exports']) => (operands: number) => void,
): tf.KernelConfig {
  return {
    kernelName,
    backendName: 'wasm',
    kernelFunc: (args: KernelArguments) => {
      const { shape, channels, sizes } = prepare(args, activationStops);
      return runWasm(args, (call) => {
        const { exports, input, output } = call;
        const [x, gamma, mean, variance] = [input('x'), input('gamma'), input('mean'), input('variance')];
        const [y, dy] = [input('y'), input('dy')];
        const scratch = call.scratch(exports.batchNormScratch(channels));
        const [dx, dgamma, dbeta] = [output(shape), output([channels]), output([channels])];
        const outputs = { dx, dgamma, dbeta };
        choose(exports)(writeBatchNorm(call, { ...sizes, x, gamma, mean, variance, y, dy, ...outputs, scratch }));
      });
    },
  };
}

export const backward = backwardWith(BATCH_NORM.backward, (exports) => exports.batchNormBackward);

export const inferenceBackward = backwardWith(
  BATCH_NORM_INFERENCE.backward,
  (exports) => exports.batchNormInferenceBackward,
);
