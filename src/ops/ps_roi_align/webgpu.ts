/** psRoiAlign on WebGPU. */
import { weightedKernels } from '../roi/webgpu.js';
import { psRoiAlignForm } from './form.js';
import { PS_ROI_ALIGN } from './names.js';

export const { forward, backward } = weightedKernels(PS_ROI_ALIGN, psRoiAlignForm);
