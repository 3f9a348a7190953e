/** Kernels of deformConv2d: names and geometry. `backwardData` computes dx, doffset and dmask, which share one matrix product. */
import type { ConvGeometry } from '../../kernel/geometry.js';

export const DEFORM_CONV2D = {
  forward: 'Convolutions/DeformConv2D',
  backwardData: 'Convolutions/DeformConv2DBackpropData',
  backwardFilter: 'Convolutions/DeformConv2DBackpropFilter',
} as const;

/** Forward pass with a filter in half precision and packed images; on webgpu alone. */
export const HALF_DEFORM_CONV2D = { forward: 'Convolutions/HalfDeformConv2D' } as const;

/** Geometry of a deformable convolution. `groups` and `offsetGroups` are independent of each other. */
export interface DeformGeometry extends ConvGeometry {
  /** Number of offset groups: input channels in one group share their offsets. */
  readonly offsetGroups: number;
  /**
   * True if there is a mask; without one the input `mask` is an empty tensor (the engine cannot save an absent input).
   */
  readonly modulated: boolean;
}
