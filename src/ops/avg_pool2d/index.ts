import type { OpDescriptor } from '../descriptor.js';
import * as cpu from './cpu.js';
import { gradients } from './gradient.js';
import { AVG_POOL2D } from './kernels.js';
import * as node from './node.js';
import * as wasm from './wasm.js';
import * as webgl from './webgl.js';
import * as webgpu from './webgpu.js';

export const avgPool2dOp: OpDescriptor = {
  name: 'avgPool2d',
  kernelNames: Object.values(AVG_POOL2D),
  kernels: [cpu, wasm, node, webgl, webgpu].flatMap(({ forward, backward }) => [forward, backward]),
  gradients,
};
