import type { OpDescriptor } from '../descriptor.js';
import * as cpu from './cpu.js';
import { gradients } from './gradient.js';
import { BIAS_ADD } from './kernels.js';
import * as node from './node.js';
import * as wasm from './wasm.js';
import * as webgl from './webgl.js';
import * as webgpu from './webgpu.js';

/** Internal: part of every convolution with a bias. */
export const biasAddOp: OpDescriptor = {
  name: 'biasAdd',
  kernelNames: Object.values(BIAS_ADD),
  kernels: [cpu, wasm, node, webgl, webgpu].flatMap(({ forward, backward }) => [forward, backward]),
  gradients,
};
