/** psRoiPool on WebGPU. */
import { weightedKernels } from '../roi/webgpu.js';
import { psRoiPoolForm } from './form.js';
import { PS_ROI_POOL } from './names.js';

export const { forward, backward } = weightedKernels(PS_ROI_POOL, psRoiPoolForm);
