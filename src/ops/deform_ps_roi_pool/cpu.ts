/** deformPsRoiPool in plain TypeScript. */
import { weightedKernels } from '../roi/cpu.js';
import { DEFORM_PS_ROI_POOL } from './names.js';
import { planDeformPsRoiPool } from './plan.js';

export const { forward, backward } = weightedKernels(DEFORM_PS_ROI_POOL, planDeformPsRoiPool);
