import type { OpDescriptor } from '../descriptor.js';
import * as cpu from './cpu.js';
import { gradients } from './gradient.js';
import { DEFORM_CONV2D, HALF_DEFORM_CONV2D } from './kernels.js';
import * as node from './node.js';
import * as wasm from './wasm.js';
import * as webgl from './webgl.js';
import * as webgpu from './webgpu.js';

export const deformConv2dOp: OpDescriptor = {
  name: 'deformConv2d',
  kernelNames: Object.values(DEFORM_CONV2D),
  webgpuKernelNames: Object.values(HALF_DEFORM_CONV2D),
  kernels: [
    ...Object.values(cpu),
    ...Object.values(wasm),
    ...Object.values(node),
    ...Object.values(webgl),
    ...Object.values(webgpu),
  ],
  gradients,
};
