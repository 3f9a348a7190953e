/** The geometry of a convolution as its shaders read it: one uniform for each number. */
import { GEOMETRY_FIELDS, type ConvGeometry } from '../../kernel/geometry.js';
import type { Uniforms } from './adapter.js';

/** Names of the uniforms that {@link geometryUniforms} gives. */
export const GEOMETRY = [...GEOMETRY_FIELDS, 'positions', 'taps', 'groupIn', 'groupOut'] as const;

/** Number of output positions. */
export function positionsOf(g: ConvGeometry): number {
  return g.batch * g.outHeight * g.outWidth;
}

/** Number of taps. */
export function tapsOf(g: ConvGeometry): number {
  return g.kernelHeight * g.kernelWidth;
}

/** Every number of the geometry, and what follows from several of them. */
export function geometryUniforms(g: ConvGeometry): Uniforms {
  return {
    ...g,
    // Shaders follow a convolution by its activation; none reads this.
    activation: 0,
    positions: positionsOf(g),
    taps: tapsOf(g),
    groupIn: g.inChannels / g.groups,
    groupOut: g.outChannels / g.groups,
  };
}
