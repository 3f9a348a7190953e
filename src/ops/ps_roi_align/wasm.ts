/** psRoiAlign on WebAssembly. */
import { weightedKernels } from '../roi/wasm.js';
import { PS_ROI_ALIGN } from './names.js';
import { planPsRoiAlign } from './plan.js';

export const { forward, backward } = weightedKernels(PS_ROI_ALIGN, planPsRoiAlign);
