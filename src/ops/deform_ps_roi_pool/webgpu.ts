/** deformPsRoiPool on WebGPU. */
import { weightedKernels } from '../roi/webgpu.js';
import { deformPsRoiPoolForm } from './form.js';
import { DEFORM_PS_ROI_POOL } from './names.js';

export const { forward, backward } = weightedKernels(DEFORM_PS_ROI_POOL, deformPsRoiPoolForm);
