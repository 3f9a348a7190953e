/** deformPsRoiPool on WebAssembly. */
import { weightedKernels } from '../roi/wasm.js';
import { DEFORM_PS_ROI_POOL } from './names.js';
import { planDeformPsRoiPool } from './plan.js';

export const { forward, backward } = weightedKernels(DEFORM_PS_ROI_POOL, planDeformPsRoiPool);
