import type { OpDescriptor } from '../descriptor.js';
import * as cpu from './cpu.js';
import { WEIGHTED_SUM } from './names.js';
import * as wasm from './wasm.js';
import * as webgl from './webgl.js';
import * as webgpu from './webgpu.js';

/** Not differentiable: it follows a training step and is no part of it. */
export const weightedSumOp: OpDescriptor = {
  name: 'weightedSum',
  kernelNames: Object.values(WEIGHTED_SUM),
  kernels: [cpu.forward, wasm.forward, webgl.forward, webgpu.forward],
  gradients: [],
  unsupported: {},
};
