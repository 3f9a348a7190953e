/** roiPool in plain TypeScript. */
import { maximumKernels } from '../roi/cpu.js';
import { ROI_POOL } from './names.js';
import { planRoiPool } from './plan.js';

export const { forward, backward } = maximumKernels(ROI_POOL, planRoiPool);
