/** Kernel names of psRoiPool. */
import type { RoiKernelNames } from '../roi/names.js';

export const PS_ROI_POOL = {
  forward: 'Convolutions/PsRoiPool',
  backward: 'Convolutions/PsRoiPoolBackprop',
} as const satisfies RoiKernelNames;
