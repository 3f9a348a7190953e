/** biasAdd on tfjs-node with TensorFlow's operators; the wasm kernels handle empty tensors. */
import * as tf from '@tensorflow/tfjs';
import { NODE, TensorFlow } from '../../backends/node/adapter.js';
import { sizesOf } from './kernels.js';
import * as wasm from './wasm.js';

function kernel(fallback: tf.KernelConfig, run: (t: TensorFlow) => tf.Tensor): tf.KernelConfig {
  return {
    kernelName: fallback.kernelName,
    backendName: NODE,
    kernelFunc: (args) => {
      const { rows, channels } = sizesOf(args);
      return rows * channels === 0 ? fallback.kernelFunc(args) : tf.tidy(() => run(new TensorFlow(args)));
    },
  };
}

export const forward = kernel(wasm.forward, (t) => t.run('BiasAdd', [t.input('x'), t.input('bias')]));
export const backward = kernel(wasm.backward, (t) => t.run('BiasAddGrad', [t.input('dy')]));
