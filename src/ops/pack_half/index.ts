import { BACKENDS } from '../../kernel/backend_names.js';
import type { OpDescriptor } from '../descriptor.js';
import { packOn, unpackOn } from './convert.js';
import { PACK_HALF, UNPACK_HALF } from './kernels.js';
import * as webgpu from './webgpu.js';

const OTHERS = BACKENDS.filter((name) => name !== 'webgpu');

/** Not differentiable: half precision is for inference. */
export const packHalfOp: OpDescriptor = {
  name: 'packHalf',
  kernelNames: Object.values(PACK_HALF),
  kernels: [...OTHERS.map(packOn), webgpu.pack],
  gradients: [],
};

/** Not differentiable, as {@link packHalfOp}. */
export const unpackHalfOp: OpDescriptor = {
  name: 'unpackHalf',
  kernelNames: Object.values(UNPACK_HALF),
  kernels: [...OTHERS.map(unpackOn), webgpu.unpack],
  gradients: [],
};
