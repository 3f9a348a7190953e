import type { OpDescriptor } from '../descriptor.js';
import * as cpu from './cpu.js';
import { gradients } from './gradient.js';
import { ROI_ALIGN } from './names.js';
import * as wasm from './wasm.js';
import * as webgl from './webgl.js';
import * as webgpu from './webgpu.js';

export const roiAlignOp: OpDescriptor = {
  name: 'roiAlign',
  kernelNames: Object.values(ROI_ALIGN),
  kernels: [cpu, wasm, webgl, webgpu].flatMap(({ forward, backward }) => [forward, backward]),
  gradients,
  unsupported: {},
};
