/** roiPool on WebGPU. */
import { maximumKernels } from '../roi/webgpu.js';
import { roiPoolForm } from './form.js';
import { ROI_POOL } from './names.js';

export const { forward, backward } = maximumKernels(ROI_POOL, roiPoolForm);
