import type { OpDescriptor } from '../descriptor.js';
import { followed, fused } from '../fused_convolution.js';
import * as cpu from './cpu.js';
import { gradients } from './gradient.js';
import { DEPTHWISE_CONV2D, HALF_DEPTHWISE_CONV2D } from './kernels.js';
import * as node from './node.js';
import * as wasm from './wasm.js';
import * as webgl from './webgl.js';
import * as webgpu from './webgpu.js';

export const depthwiseConv2dOp: OpDescriptor = {
  name: 'depthwiseConv2d',
  kernelNames: Object.values(DEPTHWISE_CONV2D),
  webgpuKernelNames: Object.values(HALF_DEPTHWISE_CONV2D),
  kernels: [
    ...Object.values(cpu),
    ...Object.values(wasm),
    ...Object.values(node),
    ...Object.values(webgl),
    ...Object.values(webgpu),
    ...[wasm, node, webgl, webgpu].map(({ forward }) => fused(DEPTHWISE_CONV2D.fused, forward)),
    ...[cpu].map(({ forward }) => followed(DEPTHWISE_CONV2D.fused, forward)),
  ],
  gradients,
};
