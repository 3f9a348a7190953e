import type { OpDescriptor } from '../descriptor.js';
import * as cpu from './cpu.js';
import { gradients } from './gradient.js';
import { ROI_POOL } from './names.js';
import * as wasm from './wasm.js';
import * as webgl from './webgl.js';
import * as webgpu from './webgpu.js';

export const roiPoolOp: OpDescriptor = {
  name: 'roiPool',
  kernelNames: Object.values(ROI_POOL),
  kernels: [cpu, wasm, webgl, webgpu].flatMap(({ forward, backward }) => [forward, backward]),
  gradients,
  unsupported: {},
};
