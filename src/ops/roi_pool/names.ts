/** Kernel names of roiPool. */
import type { RoiKernelNames } from '../roi/names.js';

export const ROI_POOL = {
  forward: 'Convolutions/RoiPool',
  backward: 'Convolutions/RoiPoolBackprop',
} as const satisfies RoiKernelNames;
