import type { OpDescriptor } from '../descriptor.js';
import * as cpu from './cpu.js';
import { batchNormGradients, batchNormInferenceGradients } from './gradient.js';
import { BATCH_NORM, BATCH_NORM_INFERENCE } from './kernels.js';
import * as node from './node.js';
import * as wasm from './wasm.js';
import * as webgl from './webgl.js';
import * as webgpu from './webgpu.js';

export const batchNormOp: OpDescriptor = {
  name: 'batchNorm',
  kernelNames: Object.values(BATCH_NORM),
  kernels: [
    cpu.forward,
    cpu.backward,
    wasm.forward,
    wasm.backward,
    node.forward,
    node.backward,
    webgl.forward,
    webgl.backward,
    webgpu.forward,
    webgpu.backward,
  ],
  gradients: batchNormGradients,
};

export const batchNormInferenceOp: OpDescriptor = {
  name: 'batchNormInference',
  kernelNames: Object.values(BATCH_NORM_INFERENCE),
  kernels: [
    cpu.inferenceForward,
    cpu.inferenceBackward,
    wasm.inferenceForward,
    wasm.inferenceBackward,
    node.inferenceForward,
    node.inferenceBackward,
    webgl.inferenceForward,
    webgl.inferenceBackward,
    webgpu.inferenceForward,
    webgpu.inferenceBackward,
  ],
  gradients: batchNormInferenceGradients,
};
