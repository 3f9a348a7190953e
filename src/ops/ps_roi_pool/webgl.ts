/** psRoiPool on WebGL. */
import { weightedKernels } from '../roi/webgl.js';
import { psRoiPoolForm } from './form.js';
import { PS_ROI_POOL } from './names.js';
import { planPsRoiPool } from './plan.js';

export const { forward, backward } = weightedKernels(PS_ROI_POOL, psRoiPoolForm, planPsRoiPool);
