/** deformRoiPool on WebGPU. */
import { weightedKernels } from '../roi/webgpu.js';
import { deformRoiPoolForm } from './form.js';
import { DEFORM_ROI_POOL } from './names.js';

export const { forward, backward } = weightedKernels(DEFORM_ROI_POOL, deformRoiPoolForm);
