/** deformRoiPool on WebAssembly. */
import { weightedKernels } from '../roi/wasm.js';
import { DEFORM_ROI_POOL } from './names.js';
import { planDeformRoiPool } from './plan.js';

export const { forward, backward } = weightedKernels(DEFORM_ROI_POOL, planDeformRoiPool);
