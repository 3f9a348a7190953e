import type { OpDescriptor } from '../descriptor.js';
import * as cpu from './cpu.js';
import { gradients } from './gradient.js';
import { CHANNEL_SHUFFLE } from './kernels.js';
import * as wasm from './wasm.js';
import * as webgl from './webgl.js';
import * as webgpu from './webgpu.js';

export const channelShuffleOp: OpDescriptor = {
  name: 'channelShuffle',
  kernelNames: Object.values(CHANNEL_SHUFFLE),
  kernels: [cpu, wasm, webgl, webgpu].map(({ forward }) => forward),
  gradients,
};
