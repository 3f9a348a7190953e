import type { OpDescriptor } from '../descriptor.js';
import * as cpu from './cpu.js';
import { gradients } from './gradient.js';
import { DROPOUT } from './kernels.js';
import * as wasm from './wasm.js';
import * as webgl from './webgl.js';
import * as webgpu from './webgpu.js';

export const dropoutOp: OpDescriptor = {
  name: 'dropout',
  kernelNames: Object.values(DROPOUT),
  kernels: [cpu, wasm, webgl, webgpu].map(({ forward }) => forward),
  gradients,
};
