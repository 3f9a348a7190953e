/** weightedSums on WebGPU: one dispatch per pair. */
import type * as tf from '@tensorflow/tfjs';
import { hostOf } from '../../backends/webgpu/adapter.js';
import { elementwise, mapElements } from '../../backends/webgpu/elements.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { listOf } from '../lists.js';
import { WEIGHTED_SUMS, weightsOf } from './kernels.js';

const SUM = elementwise({
  key: 'weighted_sum',
  inputs: ['a', 'b'],
  integers: [],
  floats: ['weightA', 'weightB'],
  code: 'fn element(i : i32) { result[i] = a[i] * uniforms.weightA + b[i] * uniforms.weightB; }',
});

export const forward: tf.KernelConfig = {
  kernelName: WEIGHTED_SUMS.forward,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const host = hostOf(args);
    return listOf(args.inputs, 'a').map((a, index) =>
      mapElements(host, SUM, [a, args.inputs[`b${index}`]!], a.shape, weightsOf(args.attrs, index)),
    );
  },
};
