import type { OpDescriptor } from '../descriptor.js';
import * as cpu from './cpu.js';
import { CLIP_GRADIENTS } from './kernels.js';
import * as wasm from './wasm.js';
import * as webgl from './webgl.js';
import * as webgpu from './webgpu.js';

/** Not differentiable: it runs after the gradients are computed. */
export const clipGradientsOp: OpDescriptor = {
  name: 'clipGradients',
  kernelNames: Object.values(CLIP_GRADIENTS),
  kernels: [cpu.forward, wasm.forward, webgl.forward, webgpu.forward],
  gradients: [],
};
