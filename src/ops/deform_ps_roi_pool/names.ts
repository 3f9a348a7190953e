/** Kernel names of deformPsRoiPool. */
import type { RoiGeometry } from '../roi/geometry.js';
import type { RoiKernelNames } from '../roi/names.js';

export const DEFORM_PS_ROI_POOL = {
  forward: 'Convolutions/DeformPsRoiPool',
  backward: 'Convolutions/DeformPsRoiPoolBackprop',
} as const satisfies RoiKernelNames;

export interface DeformPsRoiPoolGeometry extends RoiGeometry {
  readonly deformed: boolean;
  /** Parts of the output channels with offsets of their own; 1 where nothing is deformed. */
  readonly classes: number;
  /** Rows and columns of the channel groups of x: inChannels = outChannels · groupSize². */
  readonly groupSize: number;
  /** Rows and columns of a box's offsets. */
  readonly partSize: number;
  /** Samples of a bin along each axis. */
  readonly samplesPerPart: number;
  /** An offset of 1 moves a bin by this part of the box's size. */
  readonly transStd: number;
}
