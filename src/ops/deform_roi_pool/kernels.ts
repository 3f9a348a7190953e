/** Kernels of deformRoiPool: names and geometry. */
import type { SampledRoiGeometry } from '../roi/geometry.js';
import type { RoiKernelNames } from '../roi/kernels.js';

export const DEFORM_ROI_POOL = {
  forward: 'Convolutions/DeformRoiPool',
  backward: 'Convolutions/DeformRoiPoolBackprop',
} as const satisfies RoiKernelNames;

/** Geometry of deformRoiPool. */
export interface DeformRoiPoolGeometry extends SampledRoiGeometry {
  readonly deformed: boolean;
  /** An offset of 1 moves a bin by this fraction of the box size. */
  readonly gamma: number;
}
