import type { OpDescriptor } from '../descriptor.js';
import * as cpu from './cpu.js';
import { gradients } from './gradient.js';
import { PAD_IMAGE } from './kernels.js';
import * as wasm from './wasm.js';
import * as webgl from './webgl.js';
import * as webgpu from './webgpu.js';

/** Internal: part of every convolution with a padding mode other than zeros. */
export const padImageOp: OpDescriptor = {
  name: 'padImage',
  kernelNames: Object.values(PAD_IMAGE),
  kernels: [cpu, wasm, webgl, webgpu].flatMap(({ forward, backward }) => [forward, backward]),
  gradients,
};
