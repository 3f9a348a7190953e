import type { OpDescriptor } from '../descriptor.js';
import * as cpu from './cpu.js';
import { gradients } from './gradient.js';
import { ACTIVATION } from './kernels.js';
import * as node from './node.js';
import * as wasm from './wasm.js';
import * as webgl from './webgl.js';
import * as webgpu from './webgpu.js';

export const activationOp: OpDescriptor = {
  name: 'activation',
  kernelNames: Object.values(ACTIVATION),
  kernels: [cpu, wasm, node, webgl, webgpu].flatMap(({ forward, backward }) => [forward, backward]),
  gradients,
};
