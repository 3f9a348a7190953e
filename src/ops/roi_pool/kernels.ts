/** Names of the kernels of roiPool. */
import type { RoiKernelNames } from '../roi/kernels.js';

export const ROI_POOL = {
  forward: 'Convolutions/RoiPool',
  backward: 'Convolutions/RoiPoolBackprop',
} as const satisfies RoiKernelNames;
