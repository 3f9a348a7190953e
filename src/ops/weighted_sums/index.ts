import type { OpDescriptor } from '../descriptor.js';
import * as cpu from './cpu.js';
import { WEIGHTED_SUMS } from './kernels.js';
import * as wasm from './wasm.js';
import * as webgl from './webgl.js';
import * as webgpu from './webgpu.js';

/** Not differentiable: it runs after the gradients of a training step are computed. */
export const weightedSumsOp: OpDescriptor = {
  name: 'weightedSums',
  kernelNames: Object.values(WEIGHTED_SUMS),
  kernels: [cpu.forward, wasm.forward, webgl.forward, webgpu.forward],
  gradients: [],
};
