/** Names of the kernels of psRoiAlign. */
import type { RoiKernelNames } from '../roi/kernels.js';

export const PS_ROI_ALIGN = {
  forward: 'Convolutions/PsRoiAlign',
  backward: 'Convolutions/PsRoiAlignBackprop',
} as const satisfies RoiKernelNames;
