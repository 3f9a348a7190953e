/** roiAlign on WebGL. */
import { weightedKernels } from '../roi/webgl.js';
import { roiAlignForm } from './form.js';
import { ROI_ALIGN } from './names.js';
import { planRoiAlign } from './plan.js';

export const { forward, backward } = weightedKernels(ROI_ALIGN, roiAlignForm, planRoiAlign);
