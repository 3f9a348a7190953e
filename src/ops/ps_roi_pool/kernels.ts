/** Names of the kernels of psRoiPool. */
import type { RoiKernelNames } from '../roi/kernels.js';

export const PS_ROI_POOL = {
  forward: 'Convolutions/PsRoiPool',
  backward: 'Convolutions/PsRoiPoolBackprop',
} as const satisfies RoiKernelNames;
