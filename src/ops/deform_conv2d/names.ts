/** Kernel names of deformConv2d. `backwardData` gives dx, doffset and dmask, which share one matrix product. */
import type { ConvGeometry } from '../../kernel/geometry.js';

export const DEFORM_CONV2D = {
  forward: 'Convolutions/DeformConv2D',
  backwardData: 'Convolutions/DeformConv2DBackpropData',
  backwardFilter: 'Convolutions/DeformConv2DBackpropFilter',
} as const;

/** Geometry of a deformable convolution. `groups` and `offsetGroups` are independent of each other. */
export interface DeformGeometry extends ConvGeometry {
  /** Parts of the input channels with offsets of their own. */
  readonly offsetGroups: number;
  /** Whether a mask is given; without one the input `mask` is an empty tensor (the engine saves no absent input). */
  readonly modulated: boolean;
}
