/** roiPool on WebGL. */
import { maximumKernels } from '../roi/webgl.js';
import { roiPoolForm } from './form.js';
import { ROI_POOL } from './names.js';
import { planRoiPool } from './plan.js';

export const { forward, backward } = maximumKernels(ROI_POOL, roiPoolForm, planRoiPool);
