/** roiAlign on WebAssembly. */
import { weightedKernels } from '../roi/wasm.js';
import { ROI_ALIGN } from './names.js';
import { planRoiAlign } from './plan.js';

export const { forward, backward } = weightedKernels(ROI_ALIGN, planRoiAlign);
