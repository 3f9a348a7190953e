import type { OpDescriptor } from '../descriptor.js';
import * as cpu from './cpu.js';
import { gradients } from './gradient.js';
import { PS_ROI_ALIGN } from './names.js';
import * as wasm from './wasm.js';
import * as webgl from './webgl.js';
import * as webgpu from './webgpu.js';

export const psRoiAlignOp: OpDescriptor = {
  name: 'psRoiAlign',
  kernelNames: Object.values(PS_ROI_ALIGN),
  kernels: [cpu, wasm, webgl, webgpu].flatMap(({ forward, backward }) => [forward, backward]),
  gradients,
  unsupported: {},
};
