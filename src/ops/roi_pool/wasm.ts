/** roiPool on WebAssembly. */
import { maximumKernels } from '../roi/wasm.js';
import { ROI_POOL } from './names.js';
import { planRoiPool } from './plan.js';

export const { forward, backward } = maximumKernels(ROI_POOL, planRoiPool);
