import type { OpDescriptor } from '../descriptor.js';
import * as cpu from './cpu.js';
import { gradients } from './gradient.js';
import { DEFORM_PS_ROI_POOL } from './names.js';
import * as wasm from './wasm.js';
import * as webgl from './webgl.js';
import * as webgpu from './webgpu.js';

export const deformPsRoiPoolOp: OpDescriptor = {
  name: 'deformPsRoiPool',
  kernelNames: Object.values(DEFORM_PS_ROI_POOL),
  kernels: [cpu, wasm, webgl, webgpu].flatMap(({ forward, backward }) => [forward, backward]),
  gradients,
  unsupported: {},
};
