/** Kernels of deformPsRoiPool: names and geometry. */
import type { RoiGeometry } from '../roi/geometry.js';
import type { RoiKernelNames } from '../roi/kernels.js';

export const DEFORM_PS_ROI_POOL = {
  forward: 'Convolutions/DeformPsRoiPool',
  backward: 'Convolutions/DeformPsRoiPoolBackprop',
} as const satisfies RoiKernelNames;

/** Geometry of deformPsRoiPool. */
export interface DeformPsRoiPoolGeometry extends RoiGeometry {
  readonly deformed: boolean;
  /** Number of classes: output channels in one class share their offsets; 1 without offsets. */
  readonly classes: number;
  /** Rows and columns of channel groups in x: inChannels = outChannels · groupSize². */
  readonly groupSize: number;
  /** Rows and columns of offsets per box. */
  readonly partSize: number;
  /** Samples per bin along each axis. */
  readonly samplesPerPart: number;
  /** An offset of 1 moves a bin by this fraction of the box size. */
  readonly transStd: number;
}
