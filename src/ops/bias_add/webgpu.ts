/** biasAdd on WebGPU. */
import type * as tf from '@tensorflow/tfjs';
import { hostOf, zeros } from '../../backends/webgpu/adapter.js';
import { elementwise, mapElements } from '../../backends/webgpu/elements.js';
import { reduction, sumTerms } from '../../backends/webgpu/reduction.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { BIAS_ADD, sizesOf } from './kernels.js';

const ADD = elementwise({
  key: 'bias_add/forward',
  inputs: ['x', 'bias'],
  integers: ['channels'],
  code: 'fn element(i : i32) { result[i] = x[i] + bias[i % uniforms.channels]; }',
});

const SUM = reduction({
  key: 'bias_add/backward',
  inputs: ['dy'],
  integers: [],
  code: 'fn term(row : i32, column : i32) -> f32 { return dy[row * uniforms.columns + column]; }',
});

export const forward: tf.KernelConfig = {
  kernelName: BIAS_ADD.forward,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const { shape, channels } = sizesOf(args);
    const { x, bias } = args.inputs;
    return mapElements(hostOf(args), ADD, [x!, bias!], shape, { channels });
  },
};

export const backward: tf.KernelConfig = {
  kernelName: BIAS_ADD.backward,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const { rows, channels } = sizesOf(args);
    const host = hostOf(args);
    return rows * channels === 0 ? zeros(host, [channels]) : sumTerms(host, SUM, [args.inputs['dy']!], rows, channels);
  },
};
