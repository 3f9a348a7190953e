/** roiAlign in plain TypeScript. */
import { weightedKernels } from '../roi/cpu.js';
import { ROI_ALIGN } from './names.js';
import { planRoiAlign } from './plan.js';

export const { forward, backward } = weightedKernels(ROI_ALIGN, planRoiAlign);
