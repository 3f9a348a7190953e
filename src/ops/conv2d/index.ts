import type { OpDescriptor } from '../descriptor.js';
import { followed, fused } from '../fused_convolution.js';
import * as cpu from './cpu.js';
import { gradients } from './gradient.js';
import { CONV2D, HALF_CONV2D } from './kernels.js';
import * as node from './node.js';
import * as wasm from './wasm.js';
import * as webgl from './webgl.js';
import * as webgpu from './webgpu.js';

export const conv2dOp: OpDescriptor = {
  name: 'conv2d',
  kernelNames: Object.values(CONV2D),
  webgpuKernelNames: Object.values(HALF_CONV2D),
  kernels: [
    ...Object.values(cpu),
    ...Object.values(wasm),
    ...Object.values(node),
    ...Object.values(webgl),
    ...Object.values(webgpu),
    ...[wasm, node, webgpu].map(({ forward }) => fused(CONV2D.fused, forward)),
    ...[cpu, webgl].map(({ forward }) => followed(CONV2D.fused, forward)),
  ],
  gradients,
};
