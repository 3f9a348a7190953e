/** psRoiAlign in plain TypeScript. */
import { weightedKernels } from '../roi/cpu.js';
import { PS_ROI_ALIGN } from './names.js';
import { planPsRoiAlign } from './plan.js';

export const { forward, backward } = weightedKernels(PS_ROI_ALIGN, planPsRoiAlign);
