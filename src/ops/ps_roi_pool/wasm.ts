/** psRoiPool on WebAssembly. */
import { weightedKernels } from '../roi/wasm.js';
import { PS_ROI_POOL } from './names.js';
import { planPsRoiPool } from './plan.js';

export const { forward, backward } = weightedKernels(PS_ROI_POOL, planPsRoiPool);
