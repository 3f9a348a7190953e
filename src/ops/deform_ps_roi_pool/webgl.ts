/** deformPsRoiPool on WebGL. */
import { weightedKernels } from '../roi/webgl.js';
import { deformPsRoiPoolForm } from './form.js';
import { DEFORM_PS_ROI_POOL } from './names.js';
import { planDeformPsRoiPool } from './plan.js';

export const { forward, backward } = weightedKernels(DEFORM_PS_ROI_POOL, deformPsRoiPoolForm, planDeformPsRoiPool);
