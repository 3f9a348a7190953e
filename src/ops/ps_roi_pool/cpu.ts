/** psRoiPool in plain TypeScript. */
import { weightedKernels } from '../roi/cpu.js';
import { PS_ROI_POOL } from './names.js';
import { planPsRoiPool } from './plan.js';

export const { forward, backward } = weightedKernels(PS_ROI_POOL, planPsRoiPool);
