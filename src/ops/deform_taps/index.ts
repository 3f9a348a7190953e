import type { OpDescriptor } from '../descriptor.js';
import * as cpu from './cpu.js';
import { gradients } from './gradient.js';
import { DEFORM_TAPS } from './kernels.js';
import * as wasm from './wasm.js';
import * as webgl from './webgl.js';
import * as webgpu from './webgpu.js';

/** Internal: part of deformConv2dV3. */
export const deformTapsOp: OpDescriptor = {
  name: 'deformTaps',
  kernelNames: Object.values(DEFORM_TAPS),
  kernels: [cpu, wasm, webgl, webgpu].flatMap(({ place, placeBackward, softmax, softmaxBackward }) => [
    place,
    placeBackward,
    softmax,
    softmaxBackward,
  ]),
  gradients,
};
