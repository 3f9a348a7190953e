/** Kernel names of psRoiAlign. */
import type { RoiKernelNames } from '../roi/names.js';

export const PS_ROI_ALIGN = {
  forward: 'Convolutions/PsRoiAlign',
  backward: 'Convolutions/PsRoiAlignBackprop',
} as const satisfies RoiKernelNames;
