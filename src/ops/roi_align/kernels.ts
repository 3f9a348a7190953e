/** Kernels of roiAlign: names and geometry. */
import type { SampledRoiGeometry } from '../roi/geometry.js';
import type { RoiKernelNames } from '../roi/kernels.js';

export const ROI_ALIGN = {
  forward: 'Convolutions/RoiAlign',
  backward: 'Convolutions/RoiAlignBackprop',
} as const satisfies RoiKernelNames;

/** Geometry of roiAlign. */
export interface RoiAlignGeometry extends SampledRoiGeometry {
  /** True if pixel centres are at half-integer box coordinates; otherwise a box is at least one pixel in size. */
  readonly aligned: boolean;
}
