/** Kernel names of roiAlign. */
import type { SampledRoiGeometry } from '../roi/geometry.js';
import type { RoiKernelNames } from '../roi/names.js';

export const ROI_ALIGN = {
  forward: 'Convolutions/RoiAlign',
  backward: 'Convolutions/RoiAlignBackprop',
} as const satisfies RoiKernelNames;

export interface RoiAlignGeometry extends SampledRoiGeometry {
  /** Whether pixel centres stand at half integers of the box's coordinates; otherwise a box has at least one pixel. */
  readonly aligned: boolean;
}
