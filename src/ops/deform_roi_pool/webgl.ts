/** deformRoiPool on WebGL. */
import { weightedKernels } from '../roi/webgl.js';
import { deformRoiPoolForm } from './form.js';
import { DEFORM_ROI_POOL } from './names.js';
import { planDeformRoiPool } from './plan.js';

export const { forward, backward } = weightedKernels(DEFORM_ROI_POOL, deformRoiPoolForm, planDeformRoiPool);
