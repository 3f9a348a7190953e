/** weightedSum on WebGPU. */
import type * as tf from '@tensorflow/tfjs';
import { hostOf } from '../../webgpu/backend.js';
import { elementwise, mapElements } from '../../webgpu/elements.js';
import type { KernelArguments } from '../cpu_backend.js';
import { WEIGHTED_SUM, type WeightedSumAttributes } from './names.js';

const SUM = elementwise({
  key: 'weighted_sum',
  inputs: ['a', 'b'],
  integers: [],
  floats: ['weightA', 'weightB'],
  code: 'fn element(i : i32) { result[i] = a[i] * uniforms.weightA + b[i] * uniforms.weightB; }',
});

export const forward: tf.KernelConfig = {
  kernelName: WEIGHTED_SUM.forward,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const { weightA, weightB } = args.attrs as WeightedSumAttributes;
    const { a, b } = args.inputs;
    return mapElements(hostOf(args), SUM, [a!, b!], a!.shape, { weightA, weightB });
  },
};
