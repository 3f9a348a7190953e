/** psRoiAlign on WebGL. */
import { weightedKernels } from '../roi/webgl.js';
import { psRoiAlignForm } from './form.js';
import { PS_ROI_ALIGN } from './names.js';
import { planPsRoiAlign } from './plan.js';

export const { forward, backward } = weightedKernels(PS_ROI_ALIGN, psRoiAlignForm, planPsRoiAlign);
