import type { OpDescriptor } from '../descriptor.js';
import * as cpu from './cpu.js';
import { gradients } from './gradient.js';
import { MAX_POOL2D } from './kernels.js';
import * as wasm from './wasm.js';
import * as webgl from './webgl.js';
import * as webgpu from './webgpu.js';

export const maxPool2dOp: OpDescriptor = {
  name: 'maxPool2d',
  kernelNames: Object.values(MAX_POOL2D),
  kernels: [cpu, wasm, webgl, webgpu].flatMap(({ forward, backward, select }) => [forward, backward, select]),
  gradients,
};
