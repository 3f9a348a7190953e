/** roiAlign on WebGPU. */
import { weightedKernels } from '../roi/webgpu.js';
import { roiAlignForm } from './form.js';
import { ROI_ALIGN } from './names.js';

export const { forward, backward } = weightedKernels(ROI_ALIGN, roiAlignForm);
